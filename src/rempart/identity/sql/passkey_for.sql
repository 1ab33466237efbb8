-- What: gives the public key that an assertion of this passkey must be signed with.
-- Charges or records: nothing.
-- Called by: the sign-in process (role rempart_signin) before it checks an assertion.
-- Locks: none; identity.mint_session looks again, under locks.
-- Round trips: one. No row: unknown or revoked.
create or replace function identity.passkey_for(_credential_id bytea)
returns table (public_key bytea, sign_count bigint, user_handle bytea)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select k.public_key, k.sign_count, c.user_handle
      from identity.passkey as k
      join identity.colleague as c on c.account_id = k.account_id
     where k.credential_id = _credential_id and k.revoked_at is null;
end;
$$;

comment on function identity.passkey_for(bytea) is
'The public key of a live passkey; no row when it is unknown or revoked.';
