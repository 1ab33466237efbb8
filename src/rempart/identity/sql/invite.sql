-- What: issues the one-time link of a colleague, and takes every older link of his back.
-- Charges or records: the colleague, the first time; the invitation's hashes. The codes are shown once by the caller and kept nowhere.
-- Called by: identity.invite_administrator, identity.invite_colleague.
-- Locks: identity.account is held by the caller; then invitation.
-- Round trips: none of its own. NULL when done; refusals: name_not_valid, code_not_valid, has_a_passkey (a recovery is asked for instead).
create or replace function identity.invite(
    _account_id bigint, _name text, _is_administrator boolean, _code_hash bytea, _spoken_hash bytea, _lives interval
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
    if _name is null or char_length(_name) not between 1 and 80 then
        return 'name_not_valid';
    end if;
    if _code_hash is null or octet_length(_code_hash) <> 32 or _spoken_hash is null or octet_length(_spoken_hash) <> 32
       or _lives is null or _lives <= interval '0' or _lives > interval '7 days' then
        return 'code_not_valid';
    end if;
    -- A link for somebody who has a passkey would be a way around the code on paper.
    if exists (select from identity.passkey as k where k.account_id = _account_id and k.revoked_at is null) then
        return 'has_a_passkey';
    end if;
    insert into identity.colleague as c (account_id, user_handle, name, is_administrator, invited_at, last_seen_at)
    values (_account_id, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), _name, _is_administrator, _now, _now)
    on conflict (account_id) do update
       set name = excluded.name, is_administrator = c.is_administrator or excluded.is_administrator, last_seen_at = _now;
    update identity.invitation as v set used_at = _now where v.account_id = _account_id and v.used_at is null;
    insert into identity.invitation (code_hash, spoken_hash, account_id, purpose, issued_at, expires_at)
    values (_code_hash, _spoken_hash, _account_id, 'invitation', _now, _now + _lives);
    return null;
end;
$$;

comment on function identity.invite(bigint, text, boolean, bytea, bytea, interval) is
'Issues an invitation for an account.';
