-- What: begins a sign-in: keeps a fresh challenge for three minutes, and clears a few that are over.
-- Charges or records: the challenge.
-- Called by: the sign-in process (role rempart_signin).
-- Locks: rows of challenges that are over, passed by when held.
-- Round trips: one.
create or replace function identity.open_challenge(_challenge bytea)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _now timestamptz := clock_timestamp();
begin
    -- Anybody may begin a sign-in, so each clears more than it leaves.
    delete from identity.challenge as c
     where c.challenge in (
         select o.challenge from identity.challenge as o where o.expires_at < _now
          order by o.expires_at limit 5 for update skip locked);
    insert into identity.challenge (challenge, purpose, expires_at) values (_challenge, 'sign_in', _now + interval '3 minutes');
    return _now + interval '3 minutes';
end;
$$;

comment on function identity.open_challenge(bytea) is
'Keeps the challenge of a sign-in that begins.';
