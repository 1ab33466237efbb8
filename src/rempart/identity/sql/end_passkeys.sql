-- What: revokes the passkeys of an account, but one if given, and ends its sessions, its invitations, and the codes and invitations that it obtained.
-- Charges or records: when.
-- Called by: identity.end_account, identity.enrol_passkey.
-- Locks: identity.account is held by the caller; then passkey, invitation, enrolment_code, token.
-- Round trips: none of its own.
create or replace function identity.end_passkeys(_account_id bigint, _but bytea)
returns void
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
    update identity.passkey as k set revoked_at = _now
     where k.account_id = _account_id and k.revoked_at is null and k.credential_id is distinct from _but;
    -- With what he obtained for others: somebody else may have, in his name. Not the recoveries that he approved: whoever
    -- makes use of one comes here himself, and two who approved each other's would wait for each other.
    update identity.invitation as v set used_at = _now
     where v.used_at is null
       and (v.account_id = _account_id or (v.obtained_by = _account_id and v.purpose = 'invitation'));
    update identity.enrolment_code as c set used_at = _now where c.obtained_by = _account_id and c.used_at is null;
    update identity.token as t set revoked_at = _now
     where t.revoked_at is null
       and t.token_hash in (select s.token_hash from identity.session as s where s.account_id = _account_id);
end;
$$;

comment on function identity.end_passkeys(bigint, bytea) is
'Ends what an account enters with.';
