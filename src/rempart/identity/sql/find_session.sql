-- What: finds the live session behind a cookie that may be used: a locked one is not found.
-- Charges or records: nothing: seeing a page keeps no session alive.
-- Called by: the edge for pages (no key), and identity.proved_session with the key that the proof was signed with.
-- Locks: none.
-- Round trips: one. No row: the cookie opens nothing. With a null key only pages that hold nothing about any insured person are shown.
create or replace function identity.find_session(_token text, _jkt bytea)
returns table (
    token_hash bytea, session_no uuid, account_id bigint, passkey_id bigint, jkt bytea, rpps text, profession text,
    name text, site text, site_label text, is_administrator boolean,
    began_at timestamptz, touched_at timestamptz, used_at timestamptz, expires_at timestamptz, ends_at timestamptz
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
    select l.token_hash, l.session_no, l.account_id, l.passkey_id, l.jkt, l.rpps, l.profession,
           l.name, l.site, l.site_label, l.is_administrator,
           l.began_at, l.touched_at, l.used_at, l.expires_at, l.ends_at
      from identity.live_session(_token, _jkt) as l
     where not l.is_locked;
end;
$$;

comment on function identity.find_session(text, bytea) is
'The live session behind a cookie, with the account; no row when there is none, or when it is locked.';
