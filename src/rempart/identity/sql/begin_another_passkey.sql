-- What: begins the making of one more passkey by somebody who has just touched one.
-- Charges or records: the challenge; uses the proof up.
-- Called by: the sign-in process (role rempart_signin).
-- Locks: as identity.proved_session, then challenge.
-- Round trips: one. Refusals: session_ended, proof_repeated, sign_in_again.
create or replace function identity.begin_another_passkey(_token text, _jkt bytea, _proof_jti text, _challenge bytea)
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
    _me record;
begin
    select p.account_id, p.refused_because into strict _me
      from identity.proved_session(_token, _jkt, _proof_jti, false, true) as p;
    if _me.refused_because is not null then
        return query select null::bytea, null::text, null::text, null::bytea [], _me.refused_because;
        return;
    end if;
    return query
    select b.user_handle, b.name, b.site_label, b.credential_ids, null::text
      from identity.begin_passkey(_me.account_id, _challenge) as b;
end;
$$;

comment on function identity.begin_another_passkey(text, bytea, text, bytea) is
'Begins the making of one more passkey.';
