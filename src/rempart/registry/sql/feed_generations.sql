-- What: says under which generations a feed's lines are hashed: the newest that every edge asks under, then the one before.
-- Charges or records: nothing.
-- Called by: registry.open_feed.
-- Locks: none.
-- Round trips: none of its own.
create or replace function registry.feed_generations() returns smallint[]
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    -- An edge looks every two seconds, and gives a question fifteen: after a minute none asks without the new one.
    return array(select g.generation from registry.index_generation g
                  where g.ended_at is null and g.begun_at < clock_timestamp() - interval '1 minute'
                  order by g.generation desc);
end
$$;

comment on function registry.feed_generations() is 'Generations of index keys for a feed''s lines, the one that it is put in force under first.';
