-- What: says which generations of the outer index keys a question is asked under: one, or two while insurers feed anew.
-- Charges or records: nothing.
-- Called by: rempart_edge, through rights/generations.py.
-- Locks: none.
-- Round trips: one, every two seconds at most.
create or replace function rights.live_generations() returns smallint[]
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return registry.live_generations();
end
$$;

comment on function rights.live_generations() is 'Generations of index keys to ask under, the newest first.';
