-- What: makes the passkey of an invitation. A recovery ends every older passkey and session of the account.
-- Charges or records: the passkey; uses invitation and challenge up.
-- Called by: the sign-in process (role rempart_signin); for a recovery, then guard.recover_caps.
-- Locks: as identity.read_invitation, then challenge, passkey, token.
-- Round trips: one. Refusals: invitation_not_valid, challenge_over, passkey_known, too_many_passkeys, label_not_valid, software_key_refused.
create or replace function identity.enrol_passkey(
    _code_hash bytea, _spoken_hash bytea, _challenge bytea, _credential_id bytea, _public_key bytea,
    _sign_count bigint, _is_synced boolean, _is_software boolean, _label text
)
returns table (account_id bigint, purpose text, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _read record;
    _refused text;
begin
    select r.account_id, r.purpose, r.refused_because into strict _read
      from identity.read_invitation(_code_hash, _spoken_hash) as r;
    if _read.refused_because is not null then
        return query select null::bigint, null::text, _read.refused_because;
        return;
    end if;
    _refused := identity.keep_passkey(
        _read.account_id, _challenge, _credential_id, _public_key, _sign_count, _is_synced, _is_software, _label);
    if _refused is not null then
        return query select null::bigint, null::text, _refused;
        return;
    end if;
    update identity.invitation as v set used_at = clock_timestamp() where v.code_hash = _code_hash;
    if _read.purpose = 'recovery' then
        perform identity.end_passkeys(_read.account_id, _credential_id);
        update identity.colleague as c set recovered_at = clock_timestamp() where c.account_id = _read.account_id;
    end if;
    return query select _read.account_id, _read.purpose, null::text;
end;
$$;

comment on function identity.enrol_passkey(bytea, bytea, bytea, bytea, bytea, bigint, boolean, boolean, text) is
'Makes a passkey against an invitation.';
