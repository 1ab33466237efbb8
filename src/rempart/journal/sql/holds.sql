-- What: whether the journal holds an entry with this number and this leaf.
-- Charges or records: nothing.
-- Called by: foundation.take_up.
-- Locks: none.
-- Round trips: none of its own.
create or replace function journal.holds(_entry_no bigint, _leaf bytea) returns boolean
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select exists (select from journal.entry e where e.entry_no = _entry_no and e.leaf_hash = _leaf)
$$;

comment on function journal.holds(bigint, bytea) is 'True when exactly this entry is on record.';
