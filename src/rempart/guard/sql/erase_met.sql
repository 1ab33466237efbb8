-- What: erases who was met and not asked about for twelve months, some pages of the table at a time.
-- Charges or records: rows of guard.met go; noted in the run that is open. Nobody becomes new by it: they were new already.
-- Called by: rempart_jobs (rempart purge, rempart jobs).
-- Locks: the part's row, then rows that nobody holds: one that a question is renewing is passed over, and is not old any more.
-- Round trips: one a batch.
create or replace function guard.erase_met(_pages integer) returns table (erased bigint, done boolean)
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
    select * into _turn from journal.purge_turn('met');
    erased := 0; done := true;
    if not found then
        return next;
        return;
    end if;
    _from := ('(' || _turn.reached || ',0)')::tid;
    _to := ('(' || _turn.reached + _pages || ',0)')::tid;
    delete from guard.met m
     where m.ctid = any (array(
               select o.ctid from guard.met o
                where o.ctid >= _from and o.ctid < _to and o.met_on < _turn.before
                  for update skip locked));
    get diagnostics erased = row_count;
    done := (_turn.reached + _pages) * current_setting('block_size')::bigint >= pg_relation_size('guard.met');
    perform journal.note_erased(_turn.purge_no, 'met', erased, _turn.reached + _pages, done);
    return next;
end
$$;

comment on function guard.erase_met(integer) is 'Erases who was not met for twelve months, some pages at a time.';
