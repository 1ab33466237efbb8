-- What: deletes some of what no open feed needs any more from the staging tables.
-- Charges or records: at most so many rows of registry.staged_coverage, and of staged_reference.
-- Called by: rempart_intake, through registry/feed_import.py, until nothing is left.
-- Locks: the rows that it deletes.
-- Round trips: one.
create or replace function registry.clear_staged(_at_most bigint) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _count bigint;
    _references bigint;
begin
    -- One statement, so one snapshot: a feed's row is there before the first of its covers is.
    delete from registry.staged_coverage s
     where s.ctid = any (array(
               select r.ctid
                 from registry.staged_coverage r
                where r.feed_id <> all (array(select w.feed_id from registry.feed_work w))
                limit _at_most));
    get diagnostics _count = row_count;
    delete from registry.staged_reference m
     where m.ctid = any (array(
               select r.ctid
                 from registry.staged_reference r
                where r.feed_id <> all (array(select w.feed_id from registry.feed_work w))
                limit _at_most));
    get diagnostics _references = row_count;
    return greatest(_count, _references);
end
$$;

comment on function registry.clear_staged(bigint) is 'Clears the staging tables of feeds that are in force or given up; returns how many rows went, of the table that lost more.';
