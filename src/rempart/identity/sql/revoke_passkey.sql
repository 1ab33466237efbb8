-- What: revokes a passkey of one's own for ever, and ends the sessions that it opened.
-- Charges or records: when.
-- Called by: the sign-in process (role rempart_signin).
-- Locks: as identity.proved_session, then passkey, token.
-- Round trips: one. Refusals: session_ended, proof_repeated, sign_in_again, not_yours, last_passkey (it would shut its owner out).
create or replace function identity.revoke_passkey(_token text, _jkt bytea, _proof_jti text, _passkey_no uuid)
returns table (closed bigint, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
    _passkey_id bigint;
    _closed bigint;
begin
    select p.account_id, p.refused_because into strict _me
      from identity.proved_session(_token, _jkt, _proof_jti, false, true) as p;
    if _me.refused_because is not null then
        return query select 0::bigint, _me.refused_because;
        return;
    end if;
    select k.passkey_id into _passkey_id from identity.passkey as k
     where k.account_id = _me.account_id and k.passkey_no = _passkey_no and k.revoked_at is null;
    if not found then
        return query select 0::bigint, 'not_yours';
        return;
    end if;
    if (select count(*) from identity.passkey as k where k.account_id = _me.account_id and k.revoked_at is null) = 1 then
        return query select 0::bigint, 'last_passkey';
        return;
    end if;
    update identity.passkey as k set revoked_at = clock_timestamp() where k.passkey_id = _passkey_id;
    update identity.token as t set revoked_at = clock_timestamp()
      from identity.session as s
     where s.token_hash = t.token_hash and s.passkey_id = _passkey_id and t.revoked_at is null;
    get diagnostics _closed = row_count;
    return query select _closed, null::text;
end;
$$;

comment on function identity.revoke_passkey(text, bytea, text, uuid) is
'Revokes a passkey of one''s own.';
