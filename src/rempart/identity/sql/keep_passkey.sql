-- What: keeps a new passkey of an account, whose attestation the sign-in process has just checked.
-- Charges or records: the passkey; uses the challenge up.
-- Called by: identity.enrol_passkey, identity.add_passkey.
-- Locks: identity.account is held by the caller; then challenge, passkey.
-- Round trips: none of its own. NULL when done; refusals: challenge_over, passkey_known, too_many_passkeys (ten), label_not_valid, software_key_refused.
create or replace function identity.keep_passkey(
    _account_id bigint, _challenge bytea, _credential_id bytea, _public_key bytea, _sign_count bigint,
    _is_synced boolean, _is_software boolean, _label text
)
returns text
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
    delete from identity.challenge as c
     where c.challenge = _challenge and c.purpose = 'enrol' and c.account_id = _account_id and c.expires_at > _now;
    if not found then
        return 'challenge_over';
    end if;
    -- Looked up here, in the transaction that would keep it: no setting makes a demonstration of a database.
    if _is_software is not false and foundation.marked_as_demo() is not true then
        return 'software_key_refused';
    end if;
    if _label is null or char_length(_label) not between 1 and 60 then
        return 'label_not_valid';
    end if;
    if (select count(*) from identity.passkey as k where k.account_id = _account_id and k.revoked_at is null) >= 10 then
        return 'too_many_passkeys';
    end if;
    insert into identity.passkey (account_id, credential_id, public_key, sign_count, label, is_synced, is_software, created_at)
    values (_account_id, _credential_id, _public_key, _sign_count, _label, _is_synced, _is_software, _now)
    on conflict (credential_id) do nothing;
    if not found then
        return 'passkey_known';
    end if;
    update identity.colleague as c set last_seen_at = _now where c.account_id = _account_id;
    return null;
end;
$$;

comment on function identity.keep_passkey(bigint, bytea, bytea, bytea, bigint, boolean, boolean, text) is
'Keeps a new passkey; one made in software on a demonstration alone.';
