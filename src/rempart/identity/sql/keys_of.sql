-- What: what the caps of an account are set by.
-- Charges or records: nothing.
-- Called by: guard.set_caps_account.
-- Locks: none.
-- Round trips: none of its own.
create or replace function identity.keys_of(_account bigint)
returns table (professional_id bigint, site_id bigint, profession text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
select a.professional_id, a.site_id, p.profession
  from identity.account as a
  join identity.professional as p on p.professional_id = a.professional_id
 where a.account_id = _account
$$;

comment on function identity.keys_of(bigint) is
'Professional, site and profession of an account.';
