-- What: by which channel an installation asks: 1 software, 2 the portal.
-- Charges or records: nothing.
-- Called by: guard.gate_for, when some channel is closed.
-- Locks: none.
-- Round trips: none of its own.
create or replace function identity.channel_of(_installation bigint)
returns smallint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
select case when exists (select from identity.browser as b where b.installation_id = _installation) then 2 else 1 end::smallint
$$;

comment on function identity.channel_of(bigint) is
'The channel of an installation.';
