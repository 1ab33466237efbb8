-- What: everybody who may have a chain in the journal: installations, accounts, professionals, sites.
-- Charges or records: nothing.
-- Called by: journal.restore.
-- Locks: none.
-- Round trips: none of its own.
create or replace function identity.subjects() returns table (kind smallint, id bigint)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select 1::smallint, i.installation_id from identity.installation i
    union all
    select 2::smallint, a.account_id from identity.account a
    union all
    select 3::smallint, p.professional_id from identity.professional p
    union all
    select 4::smallint, s.site_id from identity.site s
$$;

comment on function identity.subjects() is 'Kind and id of everybody with a chain.';
