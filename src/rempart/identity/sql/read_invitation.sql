-- What: looks an invitation up by both of its codes, and counts a wrong second code: the fifth ends the invitation.
-- Charges or records: a wrong attempt.
-- Called by: identity.begin_enrolment, identity.enrol_passkey.
-- Locks: the account's row, then the invitation's.
-- Round trips: none of its own. Refusal: invitation_not_valid (unknown, used, over, wrong code, left, inviter stopped: not told apart).
create or replace function identity.read_invitation(_code_hash bytea, _spoken_hash bytea)
returns table (account_id bigint, purpose text, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _account_id bigint;
    _found record;
begin
    select v.account_id into _account_id from identity.invitation as v where v.code_hash = _code_hash;
    if found then
        perform 1 from identity.account as a where a.account_id = _account_id for no key update;
    end if;
    select v.account_id, v.purpose, v.spoken_hash into _found
      from identity.invitation as v
      join identity.account as a on a.account_id = v.account_id
     where v.code_hash = _code_hash and v.used_at is null and v.attempts < 5
       and v.expires_at > clock_timestamp() and a.left_at is null
       and not identity.is_out(v.obtained_by)
       for no key update of v;
    if not found then
        return query select null::bigint, null::text, 'invitation_not_valid';
        return;
    end if;
    if _spoken_hash is null or _found.spoken_hash <> _spoken_hash then
        update identity.invitation as v set attempts = v.attempts + 1 where v.code_hash = _code_hash;
        return query select null::bigint, null::text, 'invitation_not_valid';
        return;
    end if;
    return query select _found.account_id, _found.purpose, null::text;
end;
$$;

comment on function identity.read_invitation(bytea, bytea) is
'The account of an invitation of which both codes are right.';
