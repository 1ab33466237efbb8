-- What: erases what feeds that were given up left in the staging table, some at a time.
-- Charges or records: rows of registry.staged_coverage and staged_reference go, and feed_work silent for a week; noted in the run.
-- Called by: rempart_jobs (rempart purge, rempart jobs).
-- Locks: the part's row, then rows that nobody holds: an importer at work is passed over.
-- Round trips: one a batch.
create or replace function registry.erase_staged(_at_most integer) returns table (erased bigint, done boolean)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _turn record;
    _references bigint;
begin
    select * into _turn from journal.purge_turn('staged');
    erased := 0; done := true;
    if not found then
        return next;
        return;
    end if;
    delete from registry.feed_work f
     where f.feed_id = any (array(
               select w.feed_id from registry.feed_work w
                where w.worked_at < _turn.before::timestamptz
                  for update skip locked));
    delete from registry.staged_coverage s
     where s.ctid = any (array(
               select r.ctid from registry.staged_coverage r
                where r.feed_id <> all (array(select w.feed_id from registry.feed_work w))
                limit _at_most
                  for update skip locked));
    get diagnostics erased = row_count;
    delete from registry.staged_reference s
     where s.ctid = any (array(
               select r.ctid from registry.staged_reference r
                where r.feed_id <> all (array(select w.feed_id from registry.feed_work w))
                limit _at_most
                  for update skip locked));
    get diagnostics _references = row_count;
    done := greatest(erased, _references) < _at_most;
    erased := erased + _references;
    perform journal.note_erased(_turn.purge_no, 'staged', erased, 0, done);
    return next;
end
$$;

comment on function registry.erase_staged(integer) is 'Erases what given-up feeds left behind, some at a time.';
