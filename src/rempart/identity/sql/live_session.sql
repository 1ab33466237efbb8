-- What: finds the live session behind a cookie, locked or not: the one place that says what alive is.
-- Charges or records: nothing: seeing a page keeps no session alive.
-- Called by: identity.find_session and identity.find_locked, which say what each of the two may do.
-- Locks: none; whatever ends a session or an account and commits first is seen.
-- Round trips: none of its own. No row: the cookie opens nothing. With a key, only if it is the session's own.
create or replace function identity.live_session(_token text, _jkt bytea)
returns table (
    token_hash bytea, session_no uuid, account_id bigint, passkey_id bigint, jkt bytea, rpps text, profession text,
    name text, site text, site_label text, is_administrator boolean,
    began_at timestamptz, touched_at timestamptz, used_at timestamptz, expires_at timestamptz, ends_at timestamptz,
    is_locked boolean
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
    select t.token_hash, s.session_no, s.account_id, s.passkey_id, t.jkt, p.rpps, p.profession,
           c.name, st.identifier, st.label, c.is_administrator,
           s.began_at, s.touched_at, s.used_at, t.expires_at, s.ends_at,
           -- Without an instant it is locked.
           (t.locks_at > clock_timestamp()) is not true
      from identity.token as t
      join identity.session as s on s.token_hash = t.token_hash
      join identity.installation as i on i.installation_id = t.installation_id and i.jkt = t.jkt
      join identity.browser as b on b.installation_id = i.installation_id and b.account_id = s.account_id
      join identity.account as a on a.account_id = s.account_id
      join identity.colleague as c on c.account_id = a.account_id
      join identity.professional as p on p.professional_id = a.professional_id
      join identity.site as st on st.site_id = a.site_id
      join identity.passkey as k on k.passkey_id = s.passkey_id
     where t.token_hash = sha256(convert_to(_token, 'UTF8'))
       and (_jkt is null or t.jkt = _jkt)
       and t.revoked_at is null
       and t.minted_at <= clock_timestamp() + interval '1 minute'
       and t.expires_at > clock_timestamp()
       and s.ends_at > clock_timestamp()
       and i.revoked_at is null
       and a.left_at is null
       and k.revoked_at is null;
end;
$$;

comment on function identity.live_session(text, bytea) is
'The live session behind a cookie, with the account, and whether it is locked; no row when there is none.';
