-- What: begins the making of a passkey by whoever holds an invitation's two codes.
-- Charges or records: the challenge; a wrong attempt.
-- Called by: the sign-in process (role rempart_signin).
-- Locks: as identity.read_invitation, then challenge.
-- Round trips: one. Refusal: invitation_not_valid.
create or replace function identity.begin_enrolment(_code_hash bytea, _spoken_hash bytea, _challenge bytea)
returns table (
    user_handle bytea, name text, site_label text, credential_ids bytea [], refused_because text
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _read record;
begin
    select r.account_id, r.refused_because into strict _read from identity.read_invitation(_code_hash, _spoken_hash) as r;
    if _read.refused_because is not null then
        return query select null::bytea, null::text, null::text, null::bytea [], _read.refused_because;
        return;
    end if;
    return query
    select b.user_handle, b.name, b.site_label, b.credential_ids, null::text
      from identity.begin_passkey(_read.account_id, _challenge) as b;
end;
$$;

comment on function identity.begin_enrolment(bytea, bytea, bytea) is
'Begins the making of a first passkey.';
