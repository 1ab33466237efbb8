-- What: an account as people name it: RPPS@SITE.
-- Charges or records: nothing.
-- Called by: guard.recover_caps.
-- Locks: none.
-- Round trips: none of its own.
create or replace function identity.name_of(_account bigint)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
select p.rpps || '@' || s.identifier
  from identity.account as a
  join identity.professional as p on p.professional_id = a.professional_id
  join identity.site as s on s.site_id = a.site_id
 where a.account_id = _account
$$;

comment on function identity.name_of(bigint) is
'An account as people name it.';
