-- What: the keys in force, of every insurer that stated one.
-- Charges or records: nothing. They are public.
-- Called by: rempart_jobs (rempart lines seal, rempart jobs).
-- Locks: none.
-- Round trips: one.
create or replace function billing.list_line_keys() returns table (amc text, key_id bytea, public bytea)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select registry.amc_of(k.insurer_id) as amc, k.key_id, k.public
      from billing.line_key k
     where k.key_id = billing.line_key_in_force(k.insurer_id)
     order by amc
$$;

comment on function billing.list_line_keys() is 'The keys that lines are sealed to.';
