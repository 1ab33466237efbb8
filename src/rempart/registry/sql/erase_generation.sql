-- What: erases what was left under generations of index keys that have ended, some pages of a table at a time: covers, then leavers.
-- Charges or records: rows of registry.coverage and registry.departed go; noted in the run that is open.
-- Called by: rempart_jobs (rempart turn end, rempart purge, rempart jobs).
-- Locks: the part's row, then insurers that nobody holds and their covers, or the rows of registry.departed.
-- Round trips: one a batch.
create or replace function registry.erase_generation(_pages integer) returns table (erased bigint, done boolean, held boolean)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _turn record;
    _what text;
    _table regclass;
    _from tid;
    _to tid;
    _ended smallint[];
    _insurers bigint[];
begin
    erased := 0; done := false; held := false;
    -- Who has no cover left is remembered under the keys that his last one had: so covers go first.
    _what := 'turned_cover'; _table := 'registry.coverage';
    select * into _turn from journal.purge_turn(_what);
    if not found then
        _what := 'turned_departed'; _table := 'registry.departed';
        select * into _turn from journal.purge_turn(_what);
    end if;
    if not found then
        done := true;
        return next;
        return;
    end if;
    _from := ('(' || _turn.reached || ',0)')::tid;
    _to := ('(' || _turn.reached + _pages || ',0)')::tid;
    _ended := array(select g.generation from registry.index_generation g where g.ended_at < _turn.before);
    if _what = 'turned_cover' then
        -- A feed's swap and this are never at one insurer's covers together (docs/locks.md): it is come back to.
        _insurers := array(
            select i.insurer_id from registry.insurer i
             where i.insurer_id in (select o.insurer_id from registry.coverage o
                                     where o.ctid >= _from and o.ctid < _to and o.generation = any (_ended))
               for no key update skip locked);
        delete from registry.coverage c
         where c.ctid >= _from and c.ctid < _to and c.generation = any (_ended) and c.insurer_id = any (_insurers);
        get diagnostics erased = row_count;
        held := exists (
            select from registry.coverage c where c.ctid >= _from and c.ctid < _to and c.generation = any (_ended));
    else
        delete from registry.departed d where d.ctid >= _from and d.ctid < _to and d.generation = any (_ended);
        get diagnostics erased = row_count;
    end if;
    perform journal.note_erased(
        _turn.purge_no, _what, erased, case when held then _turn.reached else _turn.reached + _pages end,
        cardinality(_ended) = 0 or (not held
            and (_turn.reached + _pages) * current_setting('block_size')::bigint >= pg_relation_size(_table)));
    return next;
end
$$;

comment on function registry.erase_generation(integer) is 'Erases covers and leavers of ended generations of index keys, some pages at a time.';
