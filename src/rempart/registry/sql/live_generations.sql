-- What: says which generations of the outer index keys live: one, or two while insurers feed anew.
-- Charges or records: nothing.
-- Called by: rights.live_generations, rights.ask_batch, what turns keys here, and rempart_desk.
-- Locks: none.
-- Round trips: one for the desk, else none of its own.
create or replace function registry.live_generations() returns smallint[]
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return array(select g.generation from registry.index_generation g
                  where g.ended_at is null
                  order by g.generation desc);
end
$$;

comment on function registry.live_generations() is 'Generations of index keys that live, the newest first.';
