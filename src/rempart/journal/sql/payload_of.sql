-- What: the payload of an entry, for a replay to answer the same again.
-- Charges or records: nothing.
-- Called by: rights.ask_one.
-- Locks: none.
-- Round trips: none of its own.
create or replace function journal.payload_of(_entry_no bigint, _recorded_at timestamptz) returns setof journal.payload
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select p.*
      from journal.payload p
     where p.entry_no = _entry_no and p.recorded_at = _recorded_at
$$;

comment on function journal.payload_of(bigint, timestamptz) is 'What opens one entry; no row once erased.';
