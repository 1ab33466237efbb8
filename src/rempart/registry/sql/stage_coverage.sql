-- What: takes a batch of the open feed's covers, as arrays of equal length; an empty card means none.
-- Charges or records: rows of registry.staged_coverage.
-- Called by: rempart_intake, through registry/feed_import.py (COPY is not to be had under row-level security).
-- Locks: none.
-- Round trips: one a batch.
create or replace function registry.stage_coverage(
    _feed_id bigint, _person_index bytea[], _member_reference bytea[], _plan_id bigint[],
    _valid_from date[], _valid_to date[], _cover_rank smallint[], _card_hash bytea[]
) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _count bigint;
begin
    insert into registry.staged_coverage (
        feed_id, insurer_id, person_index, member_reference, plan_id,
        valid_from, valid_to, cover_rank, card_hash)
    select f.feed_id, f.insurer_id, s.person_index, s.member_reference, s.plan_id,
           s.valid_from, s.valid_to, s.cover_rank, nullif(s.card_hash, '')
      from registry.feed f
     cross join lateral unnest(
               _person_index, _member_reference, _plan_id, _valid_from, _valid_to, _cover_rank, _card_hash)
           as s (person_index, member_reference, plan_id, valid_from, valid_to, cover_rank, card_hash)
     where f.feed_id = _feed_id and f.state = 'open'
       and f.opened_xid = pg_current_xact_id_if_assigned();
    get diagnostics _count = row_count;
    if _count is distinct from cardinality(_person_index)::bigint then
        raise exception 'no feed is open here, or the arrays differ in length' using errcode = 'RP021';
    end if;
    return _count;
end
$$;

comment on function registry.stage_coverage(bigint, bytea[], bytea[], bigint[], date[], date[], smallint[], bytea[]) is 'Stages a batch of the feed that this transaction opened; returns how many.';
