-- What: checks the staged map one to one against what is in force and who left, and gives both their new references.
-- Charges or records: registry.coverage, departed and former_reference of one insurer; the journal and engagements keep theirs.
-- Called by: registry.refuse_references, within a swap that takes it back when the feed is refused.
-- Locks: the covers renamed, then rows of registry.departed and registry.former_reference.
-- Round trips: none of its own.
create or replace function registry.rename_references(_feed_id bigint, _insurer_id bigint, _due bigint)
returns table (refused_because text, renamed bigint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _returned bigint;
    _generation smallint := (select w.generation from registry.feed_work w where w.feed_id = _feed_id);
begin
    -- 1. All of it has arrived; each reference stands once on either side, and the feed has the new one.
    if _due = 0 or (select count(*) from registry.staged_reference m where m.feed_id = _feed_id) is distinct from _due then
        return query select 'map_count_differs', 0::bigint;
        return;
    end if;
    if exists (select from registry.staged_reference m where m.feed_id = _feed_id group by m.former having count(*) > 1)
       or exists (select from registry.staged_reference m where m.feed_id = _feed_id group by m.current having count(*) > 1) then
        return query select 'map_not_one_to_one', 0::bigint;
        return;
    end if;
    if exists (select from registry.staged_reference m
                where m.feed_id = _feed_id
                  and not exists (select from registry.staged_coverage s
                                   where s.feed_id = _feed_id and s.member_reference = m.current)) then
        return query select 'map_of_another_feed', 0::bigint;
        return;
    end if;

    -- 2. Lines of people who are not known here change nothing. Of the others: whose index changes too has left the
    --    old one, and takes nobody's.
    delete from registry.staged_reference m
     where m.feed_id = _feed_id
       and not exists (select from registry.coverage c
                        where c.insurer_id = _insurer_id and c.member_reference = m.former)
       and not exists (select from registry.departed d
                        where d.insurer_id = _insurer_id and d.member_reference = m.former);
    if exists (select from registry.staged_reference m
                 join registry.coverage c on c.insurer_id = _insurer_id and c.member_reference = m.former
                 join registry.staged_coverage s on s.feed_id = _feed_id and s.member_reference = m.current
                where m.feed_id = _feed_id and c.person_index <> s.person_index
                  and (exists (select from registry.staged_coverage o
                                where o.feed_id = _feed_id and o.person_index = c.person_index)
                       or exists (select from registry.coverage o
                                   where o.insurer_id = _insurer_id and o.person_index = s.person_index)))
       -- Nor the index, nor the reference, of somebody else who left.
       or exists (select from registry.staged_reference m
                    join registry.staged_coverage s on s.feed_id = _feed_id and s.member_reference = m.current
                    join registry.departed o on o.insurer_id = _insurer_id and o.person_index = s.person_index
                   where m.feed_id = _feed_id and o.member_reference <> m.former)
       or exists (select from registry.staged_reference m
                    join registry.departed o on o.insurer_id = _insurer_id and o.member_reference = m.current
                   where m.feed_id = _feed_id and m.former <> m.current
                     and not exists (select from registry.staged_reference n
                                      where n.feed_id = _feed_id and n.former = m.current)) then
        return query select 'map_contradicts', 0::bigint;
        return;
    end if;

    -- 3. Whoever left and comes back by the map counts as those who stayed. An index that is left for another is remembered
    --    with its reference, unless all of them change alone: that is another feed key, under which nobody asks for it.
    select count(distinct m.current) into _returned
      from registry.staged_reference m
      join registry.departed d on d.insurer_id = _insurer_id and d.member_reference = m.former
      join registry.staged_coverage s on s.feed_id = _feed_id and s.member_reference = m.current
     where m.feed_id = _feed_id
       and not exists (select from registry.coverage c
                        where c.insurer_id = _insurer_id and c.member_reference = m.former)
       and not exists (select from registry.departed o
                        where o.insurer_id = _insurer_id and o.person_index = s.person_index
                          and o.member_reference = m.current);
    insert into registry.departed as d (insurer_id, person_index, member_reference, left_on, generation)
    select distinct _insurer_id, c.person_index, c.member_reference, current_date, c.generation
      from registry.staged_reference m
      join registry.coverage c on c.insurer_id = _insurer_id and c.member_reference = m.former
      join registry.staged_coverage s on s.feed_id = _feed_id and s.member_reference = m.current
     where m.feed_id = _feed_id and m.former <> m.current and c.person_index <> s.person_index
    on conflict (insurer_id, person_index) do update
       set member_reference = excluded.member_reference, left_on = excluded.left_on, generation = excluded.generation;
    update registry.departed d
       set member_reference = m.current
      from registry.staged_reference m
     where m.feed_id = _feed_id and d.insurer_id = _insurer_id and d.member_reference = m.former and m.former <> m.current;

    -- 4. From here on these covers are as if the insurer had always called its members so.
    with given as (
        update registry.coverage c
           set person_index = r.person_index, member_reference = r.current, feed_id = _feed_id, generation = _generation
          from (select distinct m.former, m.current, s.person_index
                  from registry.staged_reference m
                  join registry.staged_coverage s on s.feed_id = _feed_id and s.member_reference = m.current
                 where m.feed_id = _feed_id) as r
         where c.insurer_id = _insurer_id and c.member_reference = r.former
           and (c.person_index, c.member_reference) is distinct from (r.person_index, r.current)
        returning c.member_reference
    )
    select count(distinct g.member_reference) + _returned into renamed from given g;

    -- 5. What was written before leads to them: each former reference to the one in force, in one step.
    delete from registry.former_reference f
     using registry.staged_reference m
     where m.feed_id = _feed_id and f.insurer_id = _insurer_id and f.former = m.current and f.current = m.former;
    update registry.former_reference f
       set current = m.current, feed_id = _feed_id
      from registry.staged_reference m
     where m.feed_id = _feed_id and f.insurer_id = _insurer_id and f.current = m.former and m.former <> m.current;
    insert into registry.former_reference (insurer_id, former, current, feed_id)
    select m.insurer_id, m.former, m.current, m.feed_id
      from registry.staged_reference m
     where m.feed_id = _feed_id and m.former <> m.current;
    return next;
end
$$;

comment on function registry.rename_references(bigint, bigint, bigint) is 'Puts a staged map in force; why not, or how many people have another reference or index by it.';
