-- What: the sites to which something is owed that cannot be paid, and why: so that nobody is forgotten.
-- Charges or records: nothing.
-- Called by: rempart_jobs (rempart pay run, rempart pay list).
-- Locks: none.
-- Round trips: one. because: no_bank_detail, returned.
create or replace function billing.list_waiting()
returns table (amc text, site text, because text, claims bigint, amount_cents bigint)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select o.amc, n.identifier, p.because, count(*), sum(c.amount_cents)::bigint
      from billing.list_owing() o
           cross join lateral billing.payable_sites(o.insurer_id) as p
           cross join lateral identity.site_name(p.site_id) as n
           join billing.claim c on c.insurer_id = o.insurer_id and c.site_id = p.site_id and c.state in ('accepted', 'returned')
     where p.because is not null
     group by o.amc, n.identifier, p.because
     order by o.amc, n.identifier
$$;

comment on function billing.list_waiting() is 'Sites that cannot be paid what they are owed.';
