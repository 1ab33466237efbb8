-- What: gives the public key that an assertion of this installation must be signed with: the key is ours, never the token's.
-- Charges or records: nothing.
-- Called by: the sign-in process before it checks an assertion.
-- Locks: none; identity.mint_token looks again, under a lock.
-- Round trips: one. No row: unknown or revoked, or a browser: its key alone mints nothing, a passkey does.
create or replace function identity.installation_key(_client_id text)
returns table (installation_id bigint, jkt bytea, public_jwk text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select i.installation_id, i.jkt, i.public_jwk
      from identity.installation as i
     where i.client_id = _client_id and i.revoked_at is null
       and not exists (select from identity.browser as b where b.installation_id = i.installation_id);
end;
$$;

comment on function identity.installation_key(text) is 'The public key of a live installation; no row when it is unknown or revoked.';
