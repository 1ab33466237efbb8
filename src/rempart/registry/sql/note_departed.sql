-- What: remembers by index and reference of whom the covers just deleted were the last.
-- Charges or records: rows of registry.departed.
-- Called by: a trigger on registry.coverage, after each statement that deletes, whoever runs it.
-- Locks: the rows that it writes; whoever deletes covers holds their insurer's row, so no other writes the same.
-- Round trips: none of its own.
create or replace function registry.note_departed() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
-- A plan is kept, and made for one cover or for a million: each is looked up by its key, whatever a swap has set for itself.
set enable_nestloop = on
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
declare
    _live smallint[] := registry.live_generations();
begin
    insert into registry.departed as d (insurer_id, person_index, member_reference, left_on, generation)
    select distinct on (g.insurer_id, g.person_index) g.insurer_id, g.person_index, g.member_reference, current_date, g.generation
      from gone g
     where not exists (select from registry.coverage c
                        where c.insurer_id = g.insurer_id and c.person_index = g.person_index)
       -- Nobody can make an index under keys that have ended, so nobody could be known by it again.
       and g.generation = any (_live)
     order by g.insurer_id, g.person_index
    on conflict (insurer_id, person_index) do update
       set member_reference = excluded.member_reference, left_on = excluded.left_on, generation = excluded.generation;
    return null;
end
$$;

comment on function registry.note_departed() is 'Whoever has no cover left is remembered.';
