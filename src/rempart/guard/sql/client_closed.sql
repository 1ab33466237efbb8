-- What: whether a gate closes an installation that asks about nobody, or the whole platform.
-- Charges or records: nothing.
-- Called by: intake.enter.
-- Locks: none.
-- Round trips: none of its own.
create or replace function guard.client_closed(_installation bigint) returns boolean
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return exists (
        select from guard.gate g
         where (g.scope, g.key) in (('platform', 0::bigint), ('client', _installation))
           and g.until > clock_timestamp());
end
$$;

comment on function guard.client_closed(bigint) is 'True when a gate closes this installation or the platform.';
