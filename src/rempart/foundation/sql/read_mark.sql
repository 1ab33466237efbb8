-- What: what a mark outside the database must say of it now: its epoch and the journal's last entry.
-- Charges or records: nothing.
-- Called by: rempart_jobs (the heart, and whoever starts an embedded database).
-- Locks: none.
-- Round trips: one a second.
create or replace function foundation.read_mark()
returns table (taken_up boolean, epoch bytea, entry_no bigint, leaf_hash bytea, guard_at bigint)
language sql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select c.boot = pg_postmaster_start_time(), e.epoch, coalesce(l.entry_no, 0), coalesce(l.leaf_hash, ''), c.guard_at
      from foundation.epoch e
           cross join guard.clock c
           left join lateral journal.last_entry() as l on true
$$;

comment on function foundation.read_mark() is 'Whether this start of the server was taken up, and what to note outside.';
