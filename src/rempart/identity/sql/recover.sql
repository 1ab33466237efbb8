-- What: lets an account come back: a link for whoever approved it, and a letter with the second code.
-- Charges or records: the invitation's hashes, the letter; takes every older link back. Passkeys live until the new one is made.
-- Called by: identity.approve_recovery, identity.recover_administrator.
-- Locks: identity.account is held by the caller; then invitation.
-- Round trips: none of its own. Refusals: code_not_valid, account_unknown (it never had a passkey: it is invited instead).
create or replace function identity.recover(_account_id bigint, _code_hash bytea, _paper_hash bytea, _lives interval)
returns table (
    account_id bigint, letter_no uuid, name text, site text, site_label text, refused_because text
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _now timestamptz := clock_timestamp();
    _letter_no uuid;
begin
    if _code_hash is null or octet_length(_code_hash) <> 32 or _paper_hash is null or octet_length(_paper_hash) <> 32
       or _lives is null or _lives <= interval '0' or _lives > interval '14 days' then
        return query select null::bigint, null::uuid, null::text, null::text, null::text, 'code_not_valid';
        return;
    end if;
    if not exists (select from identity.passkey as k where k.account_id = _account_id and k.revoked_at is null) then
        return query select null::bigint, null::uuid, null::text, null::text, null::text, 'account_unknown';
        return;
    end if;
    update identity.invitation as v set used_at = _now where v.account_id = _account_id and v.used_at is null;
    insert into identity.invitation (code_hash, spoken_hash, account_id, purpose, issued_at, expires_at)
    values (_code_hash, _paper_hash, _account_id, 'recovery', _now, _now + _lives);
    insert into identity.letter as l (account_id, queued_at) values (_account_id, _now) returning l.letter_no into _letter_no;
    return query
    select _account_id, _letter_no, c.name, s.identifier, s.label, null::text
      from identity.colleague as c
      join identity.account as a on a.account_id = c.account_id
      join identity.site as s on s.site_id = a.site_id
     where c.account_id = _account_id;
end;
$$;

comment on function identity.recover(bigint, bytea, bytea, interval) is
'Issues a recovery.';
