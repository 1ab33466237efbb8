-- What: which schema version this database has.
-- Charges or records: nothing.
-- Called by: intake.ready.
-- Locks: none.
-- Round trips: none of its own.
create or replace function foundation.schema_version()
returns integer
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select max(m.number) from foundation.migration m
$$;

comment on function foundation.schema_version() is 'The number of the last migration.';
