-- What: whether this database was made as a demonstration; unsafe conveniences work on such a one only.
-- Charges or records: nothing.
-- Called by: every login role (rempart db url).
-- Locks: none.
-- Round trips: one.
create or replace function foundation.marked_as_demo() returns boolean
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select exists (select from foundation.mark m where m.kind = 'demonstration')
$$;

comment on function foundation.marked_as_demo() is 'True on a demonstration''s database.';
