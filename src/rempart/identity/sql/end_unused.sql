-- What: ends what works once or for a while: after a restore nobody knows any more what was used.
-- Charges or records: every token is revoked (sessions hang on one), every unused code and invitation is over, every challenge gone.
-- Called by: foundation.restore.
-- Locks: rows of identity.token, identity.enrolment_code, identity.invitation, identity.challenge.
-- Round trips: none of its own.
create or replace function identity.end_unused(out tokens bigint, out codes bigint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _more bigint;
begin
    update identity.token t set revoked_at = clock_timestamp() where t.revoked_at is null;
    get diagnostics tokens = row_count;
    update identity.enrolment_code c set used_at = clock_timestamp() where c.used_at is null;
    get diagnostics codes = row_count;
    update identity.invitation i set used_at = clock_timestamp() where i.used_at is null;
    get diagnostics _more = row_count;
    codes := codes + _more;
    delete from identity.challenge;
end
$$;

comment on function identity.end_unused() is 'Revokes every token, uses up every code; how many of each.';
