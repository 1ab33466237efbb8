-- What: the accounts that an installation speaks for.
-- Charges or records: nothing.
-- Called by: rights.collect.
-- Locks: none.
-- Round trips: none of its own.
create or replace function identity.accounts_of(_installation bigint) returns bigint[]
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select coalesce(array_agg(l.account_id), '{}')
      from identity.installation_account l
     where l.installation_id = _installation
$$;

comment on function identity.accounts_of(bigint) is 'The accounts that an installation speaks for.';
