-- What: notes that a passkey of the session's own account was touched for one question; the sign-in process has just verified it.
-- Charges or records: the touch, good for two minutes and one question; uses proof and challenge up, also when it refuses.
-- Called by: the sign-in process (role rempart_signin), which alone may.
-- Locks: as identity.proved_session, then touch, passkey.
-- Round trips: one. Refusals: session_ended, proof_repeated, challenge_over, passkey_unknown, passkey_copied.
create or replace function identity.note_touch(
    _token text, _jkt bytea, _proof_jti text, _credential_id bytea, _challenge bytea, _sign_count bigint, _is_synced boolean
)
returns table (expires_at timestamptz, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
    _passkey record;
    _refused text;
    _until timestamptz := clock_timestamp() + interval '2 minutes';
begin
    -- 1 whose, and the challenge: this session's, for one question, not yet answered
    select p.account_id, p.token_hash, p.refused_because into strict _me
      from identity.proved_session(_token, _jkt, _proof_jti, false, false) as p;
    if _me.refused_because is not null then
        return query select null::timestamptz, _me.refused_because;
        return;
    end if;
    perform 1
       from identity.touch as t
      where t.token_hash = _me.token_hash and t.challenge = _challenge
        and t.touched_at is null and t.expires_at > clock_timestamp()
        for update;
    if not found then
        return query select null::timestamptz, 'challenge_over';
        return;
    end if;

    -- 2 his own passkey: a colleague's opens nothing here
    select k.passkey_id, k.sign_count into _passkey
      from identity.passkey as k
     where k.credential_id = _credential_id and k.account_id = _me.account_id and k.revoked_at is null
       and (not k.is_software or foundation.marked_as_demo())
       for no key update;
    _refused := case
        when not found then 'passkey_unknown'
        when (_passkey.sign_count > 0 or _sign_count > 0) and _sign_count <= _passkey.sign_count then 'passkey_copied' end;
    if _refused is not null then
        delete from identity.touch as t where t.token_hash = _me.token_hash;
        return query select null::timestamptz, _refused;
        return;
    end if;

    -- 3 noted
    update identity.passkey as k set sign_count = _sign_count, is_synced = _is_synced, used_at = clock_timestamp()
     where k.passkey_id = _passkey.passkey_id;
    update identity.touch as t set touched_at = clock_timestamp(), expires_at = _until where t.token_hash = _me.token_hash;
    return query select _until, null::text;
end;
$$;

comment on function identity.note_touch(text, bytea, text, bytea, bytea, bigint, boolean) is
'Notes a verified touch: it opens one question of one session.';
