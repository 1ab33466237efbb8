-- What: lists an account's live sessions to its owner: place, device, last use, and which are locked.
-- Charges or records: nothing.
-- Called by: the edge (role rempart_edge).
-- Locks: none.
-- Round trips: one. No row: the cookie opens nothing.
create or replace function identity.list_sessions(_token text)
returns table (
    session_no uuid, is_this boolean, began_at timestamptz, used_at timestamptz, ends_at timestamptz,
    network text, device text, passkey text, is_locked boolean
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
    select s.session_no, s.session_no = me.session_no, s.began_at, s.used_at, s.ends_at, s.network, s.device, k.label,
           -- As identity.live_session judges it.
           (t.locks_at > clock_timestamp()) is not true
      from identity.find_session(_token, null) as me
      join identity.session as s on s.account_id = me.account_id
      join identity.token as t on t.token_hash = s.token_hash
      join identity.passkey as k on k.passkey_id = s.passkey_id
     where t.revoked_at is null and t.expires_at > clock_timestamp()
     order by s.used_at desc;
end;
$$;

comment on function identity.list_sessions(text) is
'Lists one''s own live sessions, and which are locked.';
