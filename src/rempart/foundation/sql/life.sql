-- What: which life of the platform the tables are in, how far the copy went that it began from, and whether this start was taken up.
-- Charges or records: nothing.
-- Called by: billing.stopped.
-- Locks: none.
-- Round trips: none of its own. copy_at null: it began from no copy.
create or replace function foundation.life() returns table (taken_up boolean, epoch bytea, copy_at timestamptz)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select c.boot = pg_postmaster_start_time(), e.epoch, e.copy_at
      from foundation.epoch e
           cross join guard.clock c
$$;

comment on function foundation.life() is 'The present life of the platform, and from which copy it began.';
