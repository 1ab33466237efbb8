-- What: which schema version this database has.
-- Charges or records: nothing.
-- Called by: rempart_intake (GET /readyz), through intake/receiving.py.
-- Locks: none.
-- Round trips: one.
create or replace function intake.ready()
returns integer
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return foundation.schema_version();
end
$$;

comment on function intake.ready() is 'Schema version, for the intake''s readiness.';
