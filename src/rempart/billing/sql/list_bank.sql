-- What: the bank details that a site has had, newest first: their last four characters, and since when each is paid to.
-- Charges or records: nothing. Never what is sealed.
-- Called by: rempart_desk (rempart site bank show).
-- Locks: none.
-- Round trips: one. No row: there is none, or no such site. States: in_force, waiting, former, cancelled.
create or replace function billing.list_bank(_site text)
returns table (state text, last_four text, stated_at timestamptz, effective_at timestamptz)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select case when b.cancelled_at is not null then 'cancelled'
                when b.effective_at > clock_timestamp() then 'waiting'
                when b.detail_id = billing.bank_in_force(b.site_id) then 'in_force'
                else 'former' end,
           b.last_four, b.stated_at, b.effective_at
      from billing.bank_detail b
     where b.site_id = identity.id_of('site', _site)
     order by b.place desc
$$;

comment on function billing.list_bank(text) is 'The bank details of a site, masked.';
