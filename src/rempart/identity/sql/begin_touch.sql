-- What: keeps the challenge of a touch for one question, and tells which passkeys may be touched.
-- Charges or records: the challenge, for three minutes, in place of the session's last; uses the proof up.
-- Called by: the sign-in process (role rempart_signin).
-- Locks: as identity.proved_session, then touch.
-- Round trips: one. Refusals: session_ended, proof_repeated.
create or replace function identity.begin_touch(
    _token text, _jkt bytea, _proof_jti text, _digest bytea, _challenge bytea
)
returns table (credential_ids bytea [], refused_because text)
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
    select p.account_id, p.token_hash, p.refused_because into strict _me
      from identity.proved_session(_token, _jkt, _proof_jti, false, false) as p;
    if _me.refused_because is not null then
        return query select null::bytea [], _me.refused_because;
        return;
    end if;
    insert into identity.touch as t (token_hash, challenge, digest, expires_at)
    values (_me.token_hash, _challenge, _digest, clock_timestamp() + interval '3 minutes')
    on conflict (token_hash) do update
       set challenge = excluded.challenge, digest = excluded.digest, touched_at = null, expires_at = excluded.expires_at;
    return query
    select array(select k.credential_id from identity.passkey as k
                  where k.account_id = _me.account_id and k.revoked_at is null order by k.passkey_id), null::text;
end;
$$;

comment on function identity.begin_touch(text, bytea, text, bytea, bytea) is
'Begins a touch for one question.';
