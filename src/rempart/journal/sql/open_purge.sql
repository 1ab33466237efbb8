-- What: begins a run that erases, or finds the one that was not finished; nothing goes before its entry is there.
-- Charges or records: one row of journal.purge, one of journal.purge_part for each kind, and an entry of kind purge.
-- Called by: rempart_jobs (rempart purge, rempart jobs).
-- Locks: journal.purge against other openings and closings, then journal.head of the platform.
-- Round trips: one. No row: the period given is out of bounds.
create or replace function journal.open_purge(_author text, _payload_months integer)
returns table (purge_no bigint, opened_at timestamptz, what text, before date, done boolean)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
#variable_conflict use_column
declare
    _no bigint;
    _at timestamptz := clock_timestamp();
    _items bytea[];
begin
    perform set_config('synchronous_commit', 'on', true);
    lock table journal.purge in share row exclusive mode;
    select p.purge_no into _no from journal.purge p where p.closed_no is null;
    if _no is null then
        select array_agg(journal.pack(
                   convert_to(l.what, 'UTF8'), convert_to(l.policy, 'UTF8'),
                   convert_to(to_char(l.before, 'YYYY-MM-DD'), 'UTF8'), null) order by l.place)
          into _items
          from journal.purge_limits(_at, _payload_months) l;
        if _items is null then
            return;
        end if;
        select r.entry_no into strict _no from journal.record_purge(guard.now(), 'open', _author, null, _items) r;
        insert into journal.purge (purge_no, opened_at, author) values (_no, _at, _author);
        insert into journal.purge_part (purge_no, place, what, policy, before)
        select _no, l.place, l.what, l.policy, l.before from journal.purge_limits(_at, _payload_months) l;
    end if;
    return query
        select p.purge_no, p.opened_at, t.what, t.before, t.done
          from journal.purge p join journal.purge_part t on t.purge_no = p.purge_no
         where p.purge_no = _no
         order by t.place;
end
$$;

comment on function journal.open_purge(text, integer) is 'Begins a run that erases, or goes on with the one that was left.';
