-- What: the name of an insurer.
-- Charges or records: nothing.
-- Called by: guard.list_public.
-- Locks: none.
-- Round trips: none of its own. NULL: there is none.
create or replace function registry.name_of(_insurer_id bigint) returns text
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select i.name from registry.insurer i where i.insurer_id = _insurer_id
$$;

comment on function registry.name_of(bigint) is 'Name of an insurer.';
