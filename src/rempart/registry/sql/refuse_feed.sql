-- What: says why the staged feed may not be put in force, or NULL when it may.
-- Charges or records: nothing.
-- Called by: registry.swap_feed.
-- Locks: none.
-- Round trips: none of its own.
create or replace function registry.refuse_feed(
    _feed_id bigint, _insurer_id bigint, _count bigint, _is_delta boolean
) returns text
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _overlaps boolean;
    _two_references boolean;
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
    if _is_delta and exists (select from registry.staged_coverage s where s.feed_id = _feed_id
                              group by s.person_index having bool_or(s.plan_id = 0) and count(*) > 1) then
        return 'ended_and_stated';
    end if;

    -- 3. Nobody has two covers of one rank on one day, or two references: one sort shows both.
    select coalesce(bool_or(o.cover_rank = o.rank_before and o.valid_from <= o.to_before), false),
           coalesce(bool_or(o.member_reference <> o.reference_before), false)
      into _overlaps, _two_references
      from (select s.person_index, s.cover_rank, s.valid_from, s.member_reference,
                   lag(s.person_index) over w as person_before, lag(s.cover_rank) over w as rank_before,
                   lag(s.valid_to) over w as to_before, lag(s.member_reference) over w as reference_before
              from registry.staged_coverage s
             where s.feed_id = _feed_id
            window w as (order by s.person_index, s.cover_rank, s.valid_from)) as o
     where o.person_index = o.person_before;
    if _overlaps then
        return 'covers_overlap';
    end if;

    -- 4. One reference a person, one person a reference: else a list of people exposed would be a lie.
    if _two_references
       or exists (select from (
                       select s.member_reference, s.person_index,
                              lag(s.member_reference) over w as reference_before, lag(s.person_index) over w as person_before
                         from registry.staged_coverage s
                        where s.feed_id = _feed_id
                       window w as (order by s.member_reference)) as o
                   where o.member_reference = o.reference_before and o.person_index <> o.person_before) then
        return 'references_not_one_to_one';
    end if;
    return null;
end
$$;

comment on function registry.refuse_feed(bigint, bigint, bigint, boolean) is 'Why a staged feed is refused, or NULL.';
