-- What: the insurers for whom a claim is to be paid, whether its site can be paid or not.
-- Charges or records: nothing.
-- Called by: rempart_jobs (rempart pay run, rempart jobs).
-- Locks: none.
-- Round trips: one. In order of the insurers' numbers.
create or replace function billing.list_owing() returns table (insurer_id bigint, amc text)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select c.insurer_id, registry.amc_of(c.insurer_id) as amc
      from billing.claim c
     where c.state in ('accepted', 'returned')
     group by c.insurer_id
     order by amc
$$;

comment on function billing.list_owing() is 'Insurers for whom something is to be paid.';
