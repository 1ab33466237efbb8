-- What: begins a turn of the outer index keys: from now on questions are asked under this generation too.
-- Charges or records: one row of registry.index_generation.
-- Called by: rempart_desk, through registry/index_keys.py, once every blinding process has the keys.
-- Locks: the rows of registry.index_generation, against other beginnings and ends.
-- Round trips: one.
create or replace function registry.begin_generation(_generation smallint, _by text) returns text
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    perform from registry.index_generation g order by g.generation for update;
    if cardinality(registry.live_generations()) > 1 then
        return 'turn_under_way';
    elsif _generation is distinct from (select max(g.generation) + 1 from registry.index_generation g) then
        return 'not_the_next';
    end if;
    insert into registry.index_generation (generation, begun_by) values (_generation, _by);
    return null;
end
$$;

comment on function registry.begin_generation(smallint, text) is 'Begins a turn of the index keys; why not, or NULL.';
