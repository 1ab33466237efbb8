-- What: which bank detail a site is paid to now; null: it has none.
-- Charges or records: nothing.
-- Called by: billing.list_bank, billing.payable_sites, billing.bank_refused.
-- Locks: none.
-- Round trips: none of its own.
create or replace function billing.bank_in_force(_site bigint) returns bigint
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select b.detail_id
      from billing.bank_detail b
     where b.site_id = _site and b.cancelled_at is null and b.effective_at <= clock_timestamp()
     order by b.place desc
     limit 1
$$;

comment on function billing.bank_in_force(bigint) is 'The bank detail that a site is paid to now.';
