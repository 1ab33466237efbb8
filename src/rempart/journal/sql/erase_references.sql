-- What: erases client references of the questions whose payloads go, some pages of the table at a time.
-- Charges or records: rows of journal.reference go; noted in the run that is open. They are never changed, so none moves.
-- Called by: rempart_jobs (rempart purge, rempart jobs).
-- Locks: the part's row, then the references that it erases; a question that used one again would wait for this batch.
-- Round trips: one a batch.
create or replace function journal.erase_references(_pages integer) returns table (erased bigint, done boolean)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _turn record;
    _from tid;
    _to tid;
begin
    select * into _turn from journal.purge_turn('reference');
    erased := 0; done := true;
    if not found then
        return next;
        return;
    end if;
    _from := ('(' || _turn.reached || ',0)')::tid;
    _to := ('(' || _turn.reached + _pages || ',0)')::tid;
    delete from journal.reference r
     where r.ctid >= _from and r.ctid < _to and r.recorded_at < _turn.before::timestamptz;
    get diagnostics erased = row_count;
    done := (_turn.reached + _pages) * current_setting('block_size')::bigint >= pg_relation_size('journal.reference');
    perform journal.note_erased(_turn.purge_no, 'reference', erased, _turn.reached + _pages, done);
    return next;
end
$$;

comment on function journal.erase_references(integer) is 'Erases client references past their time, some pages at a time.';
