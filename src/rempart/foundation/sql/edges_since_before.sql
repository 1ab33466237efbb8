-- What: how many transactions of the edge are still running that began before an instant (now, when none is given).
-- Charges or records: nothing.
-- Called by: rempart_desk, after a gate moved: when none is left, every question from then on has seen it.
-- Locks: none.
-- Round trips: one.
create or replace function foundation.edges_since_before(_instant timestamptz)
returns table (instant timestamptz, running bigint)
language sql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select i.instant,
           (select count(*)
              from pg_stat_activity a
             where a.usename = 'rempart_edge'
               and a.datname = current_database()
               and a.xact_start < i.instant)
      from (select coalesce(_instant, clock_timestamp()) as instant) as i
$$;

comment on function foundation.edges_since_before(timestamptz) is 'Transactions of the edge older than an instant.';
