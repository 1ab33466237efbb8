-- What: lists an account's passkeys to its owner.
-- Charges or records: nothing.
-- Called by: the edge (role rempart_edge).
-- Locks: none.
-- Round trips: one. No row: the cookie opens nothing.
create or replace function identity.list_passkeys(_token text)
returns table (
    passkey_no uuid, label text, is_synced boolean, is_software boolean, created_at timestamptz, used_at timestamptz
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select k.passkey_no, k.label, k.is_synced, k.is_software, k.created_at, k.used_at
      from identity.find_session(_token, null) as me
      join identity.passkey as k on k.account_id = me.account_id
     where k.revoked_at is null
     order by k.created_at;
end;
$$;

comment on function identity.list_passkeys(text) is
'Lists one''s own passkeys.';
