-- What: the invitations and recoveries of a site that still open something.
-- Charges or records: nothing.
-- Called by: guard.list_alerts.
-- Locks: none.
-- Round trips: none of its own. Purpose: invitation or recovery.
create or replace function identity.open_invitations(_site bigint)
returns table (purpose text, name text, issued_at timestamptz, expires_at timestamptz)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
select i.purpose, c.name, i.issued_at, i.expires_at
  from identity.account as a
  join identity.colleague as c on c.account_id = a.account_id
  join identity.invitation as i on i.account_id = a.account_id
 where a.site_id = _site and a.left_at is null
   and i.used_at is null and i.attempts < 5 and i.expires_at > now()
$$;

comment on function identity.open_invitations(bigint) is
'Invitations of a site that are open.';
