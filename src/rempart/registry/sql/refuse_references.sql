-- What: says why the staged feed's references may not be put in force, or renames with its map and says how many people.
-- Charges or records: what registry.rename_references does, for a map, or for the few who changed without one. Known is who is covered or has left.
-- Called by: registry.swap_feed, which takes it back when the feed is refused.
-- Locks: as registry.rename_references.
-- Round trips: none of its own.
create or replace function registry.refuse_references(
    _feed_id bigint, _insurer_id bigint, _with_map boolean, _mapped bigint
) returns table (refused_because text, renamed bigint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _known bigint;
    _changed bigint;
    _departed bigint;
    _returned bigint;
begin
    -- 1. With a map, the covers in force are renamed first: all else then holds as for any feed.
    if _with_map then
        select r.refused_because, r.renamed into refused_because, renamed
          from registry.rename_references(_feed_id, _insurer_id, _mapped) r;
        if refused_because is not null then
            return next;
            return;
        end if;
    end if;

    -- 2. One reference a person, known before or not; and what once named somebody names nobody else, be it that he gets
    --    another by this very feed.
    if exists (select from registry.staged_coverage s
                 join registry.coverage c on c.member_reference = s.member_reference
                where s.feed_id = _feed_id and c.insurer_id = _insurer_id and c.person_index <> s.person_index)
       or exists (select from registry.staged_coverage s
                    join registry.former_reference f on f.insurer_id = _insurer_id and f.former = s.member_reference
                   where s.feed_id = _feed_id)
       -- Nor does what somebody left with, but for one person's two cards: the map moved him, or both led to him before.
       or exists (select from registry.staged_coverage s
                    join registry.departed d on d.insurer_id = _insurer_id and d.member_reference = s.member_reference
                   where s.feed_id = _feed_id and d.person_index <> s.person_index
                     and not (_with_map and exists (select from registry.staged_reference m
                                                     where m.feed_id = _feed_id and m.current = s.member_reference))
                     and not exists (select from registry.coverage c
                                      where c.insurer_id = _insurer_id and c.person_index = s.person_index
                                        and c.member_reference = s.member_reference)
                     and not exists (select from registry.departed o
                                      where o.insurer_id = _insurer_id and o.person_index = s.person_index
                                        and o.member_reference = s.member_reference)) then
        refused_because := 'references_not_one_to_one';
        return next;
        return;
    end if;

    -- 3. People known before keep their reference: another one for more than a tenth is another key.
    select count(*), count(*) filter (where k.is_other) into _known, _changed
      from (select bool_or(s.member_reference <> c.member_reference) as is_other
              from registry.staged_coverage s
              join registry.coverage c on c.insurer_id = _insurer_id and c.person_index = s.person_index
             where s.feed_id = _feed_id
             group by s.person_index) as k;
    -- So do those who come back. To end somebody who has left changes nothing.
    select count(*), count(*) filter (where k.is_other) into _departed, _returned
      from (select bool_or(s.member_reference <> d.member_reference) as is_other
              from registry.staged_coverage s
              join registry.departed d on d.insurer_id = _insurer_id and d.person_index = s.person_index
             where s.feed_id = _feed_id and s.plan_id <> 0
             group by s.person_index) as k;
    _known := _known + _departed;
    _changed := _changed + _returned;
    if _with_map and _changed > 0 then
        refused_because := 'map_incomplete';
    elsif _changed * 10 > _known then
        refused_because := 'references_changed';
    end if;
    if refused_because is not null or _changed = 0 then
        renamed := coalesce(renamed, 0);
        return next;
        return;
    end if;

    -- 4. The few others are the same people under the same index: that is their map.
    delete from registry.staged_reference m where m.feed_id = _feed_id;
    insert into registry.staged_reference (feed_id, insurer_id, former, current)
    select _feed_id, _insurer_id, c.member_reference, s.member_reference
      from registry.staged_coverage s
      join registry.coverage c on c.insurer_id = _insurer_id and c.person_index = s.person_index
     where s.feed_id = _feed_id and s.member_reference <> c.member_reference
    union
    select _feed_id, _insurer_id, d.member_reference, s.member_reference
      from registry.staged_coverage s
      join registry.departed d on d.insurer_id = _insurer_id and d.person_index = s.person_index
     where s.feed_id = _feed_id and s.plan_id <> 0 and s.member_reference <> d.member_reference;
    return query select r.refused_because, r.renamed from registry.rename_references(_feed_id, _insurer_id, _changed) r;
end
$$;

comment on function registry.refuse_references(bigint, bigint, boolean, bigint) is 'Why the references of a staged feed are refused; else what is in force has them, and of how many people they were others.';
