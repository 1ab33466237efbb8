-- What: the AMC number of an insurer.
-- Charges or records: nothing; concerns no person.
-- Called by: intake.begin_part, intake.begin_job.
-- Locks: none.
-- Round trips: none of its own.
create or replace function registry.amc_of(_insurer_id bigint)
returns text
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select i.amc_number from registry.insurer i where i.insurer_id = _insurer_id
$$;

comment on function registry.amc_of(bigint) is 'The AMC number of an insurer.';
