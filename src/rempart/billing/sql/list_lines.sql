-- What: for each insurer with lines of paid claims, or with a key: whether they are sealed. Without a key they stay in clear until erasure.
-- Charges or records: nothing. Counts, and nothing of what was delivered.
-- Called by: rempart_jobs (rempart lines list, rempart lines seal).
-- Locks: none.
-- Round trips: one.
create or replace function billing.list_lines()
returns table (amc text, key_id bytea, stated_at timestamptz, author text, in_clear bigint, sealed bigint)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    with clear as (
        select c.insurer_id, count(*) as claims
          from billing.claim c
         where c.state = 'paid' and c.lines_sealed_at is null
           and exists (select from billing.claim_line l where l.claim_id = c.claim_id)
         group by c.insurer_id),
    kept as (select s.insurer_id, count(*) as claims from billing.sealed_lines s group by s.insurer_id)
    select registry.amc_of(i.insurer_id) as amc, k.key_id, k.stated_at, k.author, coalesce(c.claims, 0), coalesce(s.claims, 0)
      from (select o.insurer_id from clear o union select o.insurer_id from kept o
            union select o.insurer_id from billing.line_key o) as i
           left join billing.line_key k on k.key_id = billing.line_key_in_force(i.insurer_id)
           left join clear c on c.insurer_id = i.insurer_id
           left join kept s on s.insurer_id = i.insurer_id
     order by amc
$$;

comment on function billing.list_lines() is 'For which insurers lines of paid claims are sealed, and for which in clear.';
