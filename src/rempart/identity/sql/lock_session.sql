-- What: locks this session at once: nobody asks with it until its owner touches a passkey again.
-- Charges or records: the proof; that it is locked.
-- Called by: the sign-in process (role rempart_signin), when a page has seen nobody for five minutes, on its button, and when a colleague takes over.
-- Locks: as identity.proved_session, then token.
-- Round trips: one. Refusals: session_ended, session_locked, proof_repeated.
create or replace function identity.lock_session(_token text, _jkt bytea, _proof_jti text)
returns table (refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
begin
    select p.token_hash, p.refused_because into strict _me
      from identity.proved_session(_token, _jkt, _proof_jti, false, false) as p;
    if _me.refused_because is null then
        update identity.token as t set locks_at = clock_timestamp() where t.token_hash = _me.token_hash;
    end if;
    return query select _me.refused_because;
end;
$$;

comment on function identity.lock_session(text, bytea, text) is
'Locks a session until its owner touches a passkey.';
