-- What: tells a session that is locked from one that is over, and whose it is: what the lock screen shows.
-- Charges or records: nothing.
-- Called by: the edge (role rempart_edge), when identity.find_session found nothing; identity.proved_session, likewise.
-- Locks: none.
-- Round trips: one. No row: not live, or not locked. With a key, only if it is the session's own.
create or replace function identity.find_locked(_token text, _jkt bytea)
returns table (name text, site_label text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query select l.name, l.site_label from identity.live_session(_token, _jkt) as l where l.is_locked;
end;
$$;

comment on function identity.find_locked(text, bytea) is
'The name and the site of a session that waits for its owner''s passkey; no row when it does not.';
