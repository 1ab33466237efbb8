-- What: the open account of a colleague at an administrator's own site.
-- Charges or records: nothing.
-- Called by: identity.leave_colleague, identity.approve_recovery, identity.unblock_colleague.
-- Locks: none; the caller holds every account of the site.
-- Round trips: none of its own. NULL: nobody of that number there.
create or replace function identity.colleague_of(_administrator bigint, _rpps text)
returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
select a.account_id
  from identity.account as me
  join identity.account as a on a.site_id = me.site_id
  join identity.colleague as c on c.account_id = a.account_id
  join identity.professional as p on p.professional_id = a.professional_id
 where me.account_id = _administrator and p.rpps = _rpps and a.left_at is null
$$;

comment on function identity.colleague_of(bigint, text) is
'The account of a colleague at one''s own site; NULL when there is none.';
