-- What: erases what was left under generations of index keys that have ended, some pages of each table at a time.
-- Charges or records: rows of registry.coverage and registry.departed go.
-- Called by: rempart_jobs (rempart turn end), through registry/index_keys.py, until it is done.
-- Locks: the insurers of those covers, then the covers, then the rows of registry.departed.
-- Round trips: one a batch.
create or replace function registry.erase_generation(_from_page bigint, _pages integer)
returns table (covers bigint, departed bigint, done boolean)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _live smallint[] := registry.live_generations();
    _from tid := ('(' || _from_page || ',0)')::tid;
    _to tid := ('(' || _from_page + _pages || ',0)')::tid;
begin
    -- A feed's swap and this are never at one insurer's covers together (docs/locks.md).
    perform from registry.insurer i
      where i.insurer_id in (select c.insurer_id from registry.coverage c
                              where c.ctid >= _from and c.ctid < _to and c.generation <> all (_live))
      order by i.insurer_id for no key update;
    delete from registry.coverage c where c.ctid >= _from and c.ctid < _to and c.generation <> all (_live);
    get diagnostics covers = row_count;
    delete from registry.departed d where d.ctid >= _from and d.ctid < _to and d.generation <> all (_live);
    get diagnostics departed = row_count;
    done := (_from_page + _pages) * current_setting('block_size')::bigint
            >= greatest(pg_relation_size('registry.coverage'), pg_relation_size('registry.departed'));
    return next;
end
$$;

comment on function registry.erase_generation(bigint, integer) is 'Erases covers and leavers of ended generations of index keys, some pages at a time.';
