-- What: the sites with claims of an insurer to be paid: to which bank detail, or why they can't be.
-- Charges or records: nothing.
-- Called by: billing.open_batch, billing.list_waiting.
-- Locks: none.
-- Round trips: none of its own. because: no_bank_detail; returned: the bank returned what was paid to the one in force.
create or replace function billing.payable_sites(_insurer bigint)
returns table (site_id bigint, detail_id bigint, because text)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select s.site_id, b.detail_id,
           case when b.detail_id is null then 'no_bank_detail'
                when exists (select from billing.transfer t where t.detail_id = b.detail_id and t.state = 'returned') then 'returned' end
      from (select distinct c.site_id
              from billing.claim c
             where c.insurer_id = _insurer and c.state in ('accepted', 'returned')) as s
           cross join lateral (select billing.bank_in_force(s.site_id) as detail_id) as b
$$;

comment on function billing.payable_sites(bigint) is 'Who is to be paid for an insurer, and to which bank detail.';
