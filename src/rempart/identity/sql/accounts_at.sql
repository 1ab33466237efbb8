-- What: the accounts of a site, with who they are, those that left in the last month too.
-- Charges or records: nothing.
-- Called by: journal.count_site, guard.list_alerts.
-- Locks: none.
-- Round trips: none of its own. Name: empty for an account that nobody was invited to.
create or replace function identity.accounts_at(_site bigint)
returns table (account_id bigint, professional_id bigint, rpps text, name text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
select a.account_id, a.professional_id, p.rpps, coalesce(c.name, '')
  from identity.account as a
  join identity.professional as p on p.professional_id = a.professional_id
  left join identity.colleague as c on c.account_id = a.account_id
 where a.site_id = _site and (a.left_at is null or a.left_at > now() - interval '31 days')
$$;

comment on function identity.accounts_at(bigint) is
'Accounts of a site.';
