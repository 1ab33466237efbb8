-- What: ends transactions of the edge that have slept for two seconds: they hold locks of accounts.
-- Charges or records: nothing; returns how many were ended.
-- Called by: rempart_janitor, each second (rempart.guard.heart).
-- Locks: none.
-- Round trips: one.
create or replace function foundation.end_sleepers() returns bigint
language sql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select count(*) filter (where pg_terminate_backend(a.pid))
      from pg_stat_activity a
     where a.usename = 'rempart_edge'
       and a.datname = current_database()
       and a.state in ('idle in transaction', 'idle in transaction (aborted)')
       and a.state_change < clock_timestamp() - interval '2 seconds'
$$;

comment on function foundation.end_sleepers() is 'Ends edge transactions that sleep.';
