-- What: which life of the platform this is: sign-in mixes it into its nonces, so that none from before a restore works.
-- Charges or records: nothing.
-- Called by: rempart_signin, at most once a second.
-- Locks: none.
-- Round trips: one.
create or replace function foundation.read_epoch() returns bytea
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select e.epoch from foundation.epoch e
$$;

comment on function foundation.read_epoch() is 'The present epoch.';
