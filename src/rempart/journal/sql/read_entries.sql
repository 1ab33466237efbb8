-- What: entries after a number, with what opens them, for verification.
-- Charges or records: nothing.
-- Called by: rempart_journal (journal verify, journal check-budgets).
-- Locks: none.
-- Round trips: one a page.
create or replace function journal.read_entries(_after bigint, _limit integer)
returns table (entry jsonb, payload jsonb)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select to_jsonb(e) || jsonb_build_object(
               'recorded_us', (extract(epoch from e.recorded_at) * 1000000)::bigint),
           to_jsonb(p) - 'xid'
      from journal.entry e
           left join journal.payload p on p.entry_no = e.entry_no and p.recorded_at = e.recorded_at
     where e.entry_no > _after
     order by e.entry_no
     limit least(_limit, 5000)
$$;

comment on function journal.read_entries(bigint, integer) is 'A page of the journal, in order.';
