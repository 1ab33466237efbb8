-- What: says why the staged feed may not be put in force, or NULL when it may.
-- Charges or records: nothing.
-- Called by: registry.swap_feed.
-- Locks: none.
-- Round trips: none of its own.
create or replace function registry.refuse_feed(
    _feed_id bigint, _insurer_id bigint, _count bigint, _is_delta boolean, _rekey boolean
) returns text
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _known bigint;
    _changed bigint;
begin
    -- 1. All of it has arrived.
    if (select count(*) from registry.staged_coverage s where s.feed_id = _feed_id) is distinct from _count then
        return 'count_differs';
    end if;

    -- 2. Its plans are this insurer's. Only a delta has lines without a plan: they end somebody, who is not stated beside.
    if exists (select from registry.staged_coverage s
                left join registry.plan p on p.plan_id = s.plan_id and p.insurer_id = _insurer_id
                where s.feed_id = _feed_id and (s.plan_id <> 0 or not _is_delta) and p.plan_id is null) then
        return 'plan_unknown';
    end if;
    if exists (select from registry.staged_coverage s where s.feed_id = _feed_id
                group by s.person_index having bool_or(s.plan_id = 0) and count(*) > 1) then
        return 'ended_and_stated';
    end if;

    -- 3. Nobody has two covers of one rank on one day.
    if exists (select from (
                    select s.valid_from,
                           lag(s.valid_to) over (partition by s.person_index, s.cover_rank order by s.valid_from) as before
                      from registry.staged_coverage s
                     where s.feed_id = _feed_id) as o
                where o.valid_from <= o.before) then
        return 'covers_overlap';
    end if;

    -- 4. One reference a person, one person a reference: else a list of people exposed would be a lie.
    if exists (select from registry.staged_coverage s where s.feed_id = _feed_id
                group by s.person_index having count(distinct s.member_reference) > 1)
       or exists (select from registry.staged_coverage s where s.feed_id = _feed_id
                   group by s.member_reference having count(distinct s.person_index) > 1)
       or exists (select from registry.staged_coverage s
                    join registry.coverage c on c.member_reference = s.member_reference
                   where s.feed_id = _feed_id and c.insurer_id = _insurer_id and c.person_index <> s.person_index
                     and not exists (select from registry.staged_coverage o
                                      where o.feed_id = _feed_id and o.person_index = c.person_index)) then
        return 'references_not_one_to_one';
    end if;

    -- 5. People known before keep their reference: another one for more than a tenth is another key.
    if not _rekey then
        select count(*), count(*) filter (where k.is_other) into _known, _changed
          from (select bool_or(s.member_reference <> c.member_reference) as is_other
                  from registry.staged_coverage s
                  join registry.coverage c on c.insurer_id = _insurer_id and c.person_index = s.person_index
                 where s.feed_id = _feed_id
                 group by s.person_index) as k;
        if _changed * 10 > _known then
            return 'references_changed';
        end if;
    end if;
    return null;
end
$$;

comment on function registry.refuse_feed(bigint, bigint, bigint, boolean, boolean) is 'Why a staged feed is refused, or NULL.';
