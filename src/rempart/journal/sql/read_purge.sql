-- What: the entry that closed a run, with what opens it, for its certificate; by the number of either of its entries.
-- Charges or records: nothing.
-- Called by: rempart_jobs (rempart purge, rempart purge certificate).
-- Locks: none.
-- Round trips: one.
create or replace function journal.read_purge(_no bigint) returns table (entry jsonb, payload jsonb)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select to_jsonb(e) || jsonb_build_object(
               'recorded_us', (extract(epoch from e.recorded_at) * 1000000)::bigint),
           to_jsonb(o) - 'xid'
      from journal.purge p
           join journal.entry e on e.entry_no = p.closed_no and e.recorded_at = p.closed_at
           join journal.payload o on o.entry_no = e.entry_no and o.recorded_at = e.recorded_at
     where p.closed_no = _no or p.purge_no = _no
$$;

comment on function journal.read_purge(bigint) is 'The entry that is a run''s certificate.';
