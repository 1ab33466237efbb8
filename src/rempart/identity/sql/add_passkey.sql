-- What: adds one more passkey to one's own account.
-- Charges or records: the passkey; uses proof and challenge up.
-- Called by: the sign-in process (role rempart_signin).
-- Locks: as identity.proved_session, then challenge, passkey.
-- Round trips: one. Refusals: those of identity.proved_session and identity.keep_passkey.
create or replace function identity.add_passkey(
    _token text, _jkt bytea, _proof_jti text, _challenge bytea, _credential_id bytea, _public_key bytea,
    _sign_count bigint, _is_synced boolean, _is_software boolean, _label text
)
returns table (added boolean, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
    _refused text;
begin
    select p.account_id, p.refused_because into strict _me
      from identity.proved_session(_token, _jkt, _proof_jti, false, true) as p;
    _refused := _me.refused_because;
    if _refused is null then
        _refused := identity.keep_passkey(
            _me.account_id, _challenge, _credential_id, _public_key, _sign_count, _is_synced, _is_software, _label);
    end if;
    return query select _refused is null, _refused;
end;
$$;

comment on function identity.add_passkey(text, bytea, text, bytea, bytea, bytea, bigint, boolean, boolean, text) is
'Adds a passkey to one''s own account.';
