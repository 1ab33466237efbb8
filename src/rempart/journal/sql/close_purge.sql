-- What: ends the open run once each of its parts is done, with the sums of what its batches erased.
-- Charges or records: an entry of kind purge: the certificate.
-- Called by: rempart_jobs (rempart purge, rempart jobs).
-- Locks: journal.purge against other openings and closings, then journal.head of the platform.
-- Round trips: one. No row: nothing is open, or a part is not done.
create or replace function journal.close_purge() returns table (closed_no bigint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
#variable_conflict use_column
declare
    _run journal.purge;
    _entry record;
    _items bytea[];
begin
    perform set_config('synchronous_commit', 'on', true);
    lock table journal.purge in share row exclusive mode;
    select p.purge_no, p.opened_at, p.author into _run.purge_no, _run.opened_at, _run.author
      from journal.purge p where p.closed_no is null;
    if _run.purge_no is null
       or exists (select from journal.purge_part t where t.purge_no = _run.purge_no and not t.done) then
        return;
    end if;
    select array_agg(journal.pack(
               convert_to(t.what, 'UTF8'), convert_to(t.policy, 'UTF8'),
               convert_to(to_char(t.before, 'YYYY-MM-DD'), 'UTF8'), int8send(t.erased)) order by t.place)
      into strict _items
      from journal.purge_part t
     where t.purge_no = _run.purge_no;
    _entry := journal.record_purge(guard.now(), 'close', _run.author, _run.purge_no, _items);
    update journal.purge p
       set closed_no = _entry.entry_no, closed_at = _entry.recorded_at
     where p.purge_no = _run.purge_no;
    closed_no := _entry.entry_no;
    return next;
end
$$;

comment on function journal.close_purge() is 'Ends the run that is open, with its certificate.';
