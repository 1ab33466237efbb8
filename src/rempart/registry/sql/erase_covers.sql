-- What: erases covers that nobody may ask about any more, some pages of the table at a time.
-- Charges or records: rows of registry.coverage go, who has none left is remembered (registry.note_departed); noted in the run that is open.
-- Called by: rempart_jobs (rempart purge, rempart jobs).
-- Locks: the part's row, then insurers and covers that nobody holds: what a feed is changing is come back to, never waited for.
-- Round trips: one a batch.
create or replace function registry.erase_covers(_pages integer) returns table (erased bigint, done boolean, held boolean)
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
    _insurers bigint[];
begin
    select * into _turn from journal.purge_turn('cover');
    erased := 0; done := true; held := false;
    if not found then
        return next;
        return;
    end if;
    _from := ('(' || _turn.reached || ',0)')::tid;
    _to := ('(' || _turn.reached + _pages || ',0)')::tid;
    -- A feed's swap and this are never at one insurer's covers together: of a person's last two, each would see the other.
    _insurers := array(
        select i.insurer_id from registry.insurer i
         where i.insurer_id in (select o.insurer_id from registry.coverage o
                                 where o.ctid >= _from and o.ctid < _to and o.valid_to < _turn.before)
           for no key update skip locked);
    delete from registry.coverage c
     where c.ctid = any (array(
               select o.ctid from registry.coverage o
                where o.ctid >= _from and o.ctid < _to and o.valid_to < _turn.before
                  and o.insurer_id = any (_insurers)
                  for update skip locked));
    get diagnostics erased = row_count;
    held := exists (
        select from registry.coverage c
         where c.ctid >= _from and c.ctid < _to and c.valid_to < _turn.before);
    done := not held
        and (_turn.reached + _pages) * current_setting('block_size')::bigint >= pg_relation_size('registry.coverage');
    perform journal.note_erased(
        _turn.purge_no, 'cover', erased, case when held then _turn.reached else _turn.reached + _pages end, done);
    return next;
end
$$;

comment on function registry.erase_covers(integer) is 'Erases covers that nobody may ask about, some pages of the table at a time.';
