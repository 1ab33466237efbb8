-- What: the live software installations of a site.
-- Charges or records: nothing.
-- Called by: guard.list_alerts.
-- Locks: none.
-- Round trips: none of its own.
create or replace function identity.installations_at(_site bigint)
returns table (installation_id bigint, vendor text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
select i.installation_id, i.vendor
  from identity.installation as i
 where i.site_id = _site and i.revoked_at is null
   and not exists (select from identity.browser as b where b.installation_id = i.installation_id)
$$;

comment on function identity.installations_at(bigint) is
'Software of a site.';
