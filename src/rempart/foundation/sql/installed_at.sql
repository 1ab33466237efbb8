-- What: since when the platform has been installed in this database.
-- Charges or records: nothing.
-- Called by: rempart_jobs: what is due each night is first due in the night after.
-- Locks: none.
-- Round trips: one.
create or replace function foundation.installed_at() returns timestamptz
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select min(m.applied_at) from foundation.migration m
$$;

comment on function foundation.installed_at() is 'Since when the platform has been installed here.';
