-- What: ends a turn of the outer index keys: from now on nothing is found under the generation before.
-- Charges or records: the end of one row of registry.index_generation.
-- Called by: rempart_desk, through registry/index_keys.py; registry.erase_generation then erases what was left under it.
-- Locks: the rows of registry.index_generation, against other beginnings and ends.
-- Round trips: one.
create or replace function registry.end_generation(_now boolean) returns table (refused_because text, generation smallint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _left record;
begin
    perform from registry.index_generation g order by g.generation for update;
    if cardinality(registry.live_generations()) < 2 then
        refused_because := 'no_turn_under_way';
        return next;
        return;
    end if;
    generation := (select min(g.generation) from registry.index_generation g where g.ended_at is null);
    select sum(l.in_force) as in_force, sum(l.over) as over, sum(l.departed) as departed into _left
      from registry.list_generations() l
     where l.generation = end_generation.generation;
    -- Whoever is covered is found, whatever is in a hurry. Who is not, or has left, is forgotten only when it is asked for.
    if _left.in_force > 0 then
        refused_because := 'covers_in_force';
    elsif _left.over + _left.departed > 0 and not _now then
        refused_because := 'leavers_remembered';
    else
        update registry.index_generation g
           set ended_at = clock_timestamp()
         where g.generation = end_generation.generation;
    end if;
    return next;
end
$$;

comment on function registry.end_generation(boolean) is 'Ends the generation before the newest, and says which; why not, where something is found under it alone.';
