-- What: gives whoever a staged feed names his index under the newest keys, where he still has the one before.
-- Charges or records: registry.coverage and departed of one insurer. Nobody becomes another: reference and past stay.
-- Called by: registry.swap_feed, within what it takes back when the feed is refused.
-- Locks: the covers and the rows of registry.departed that move.
-- Round trips: none of its own.
create or replace function registry.turn_indexes(_feed_id bigint, _insurer_id bigint, _generation smallint) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    if not exists (select from registry.staged_coverage s where s.feed_id = _feed_id and s.former_index is not null) then
        return;
    end if;
    update registry.coverage c
       set person_index = m.person_index, generation = _generation
      from (select distinct s.former_index, s.person_index
              from registry.staged_coverage s where s.feed_id = _feed_id) as m
     where c.insurer_id = _insurer_id and c.generation < _generation and c.person_index = m.former_index;
    update registry.departed d
       set person_index = m.person_index, generation = _generation
      from (select distinct s.former_index, s.person_index
              from registry.staged_coverage s where s.feed_id = _feed_id) as m
     where d.insurer_id = _insurer_id and d.generation < _generation and d.person_index = m.former_index;
end
$$;

comment on function registry.turn_indexes(bigint, bigint, smallint) is 'Moves whom a staged feed names to the newest index keys.';
