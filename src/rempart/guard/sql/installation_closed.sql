-- What: whether a gate closes this very installation; one on the platform stops questions, and is not looked at here.
-- Charges or records: nothing.
-- Called by: billing.enter_insurer.
-- Locks: none.
-- Round trips: none of its own.
create or replace function guard.installation_closed(_installation bigint) returns boolean
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return exists (
        select from guard.gate g
         where g.scope = 'client' and g.key = _installation and g.until > clock_timestamp());
end
$$;

comment on function guard.installation_closed(bigint) is 'True when a gate closes this very installation.';
