-- What: erases who left longer ago than a return would be taken for one, some pages of the table at a time.
-- Charges or records: rows of registry.departed go; noted in the run that is open.
-- Called by: rempart_jobs (rempart purge, rempart jobs).
-- Locks: the part's row, then rows that nobody holds: one that a feed renames or takes back is passed over until the next night.
-- Round trips: one a batch.
create or replace function registry.erase_departed(_pages integer) returns table (erased bigint, done boolean)
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
    select * into _turn from journal.purge_turn('departed');
    erased := 0; done := true;
    if not found then
        return next;
        return;
    end if;
    _from := ('(' || _turn.reached || ',0)')::tid;
    _to := ('(' || _turn.reached + _pages || ',0)')::tid;
    delete from registry.departed d
     where d.ctid = any (array(
               select o.ctid from registry.departed o
                where o.ctid >= _from and o.ctid < _to and o.left_on < _turn.before
                  for update skip locked));
    get diagnostics erased = row_count;
    done := (_turn.reached + _pages) * current_setting('block_size')::bigint >= pg_relation_size('registry.departed');
    perform journal.note_erased(_turn.purge_no, 'departed', erased, _turn.reached + _pages, done);
    return next;
end
$$;

comment on function registry.erase_departed(integer) is 'Erases who left long ago, some pages of the table at a time.';
