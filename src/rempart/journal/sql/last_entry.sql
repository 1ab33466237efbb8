-- What: the journal's last entry.
-- Charges or records: nothing.
-- Called by: foundation.read_mark, foundation.take_up, foundation.restore.
-- Locks: none.
-- Round trips: none of its own.
create or replace function journal.last_entry() returns table (entry_no bigint, recorded_at timestamptz, leaf_hash bytea)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select e.entry_no, e.recorded_at, e.leaf_hash
      from journal.entry e
     order by e.entry_no desc
     limit 1
$$;

comment on function journal.last_entry() is 'Number, time and leaf of the last entry; no row in an empty journal.';
