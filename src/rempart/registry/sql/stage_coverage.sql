-- What: takes a batch of an open feed's covers, as arrays of equal length; an empty card means none, and so do fewer former indexes.
-- Charges or records: rows of registry.staged_coverage, and how many there are, in one short transaction.
-- Called by: rempart_intake, through registry/feed_import.py (COPY is not to be had under row-level security).
-- Locks: the feed's row of registry.feed_work.
-- Round trips: one a batch.
create or replace function registry.stage_coverage(
    _feed_id bigint, _token bytea, _staged_before bigint,
    _person_index bytea[], _member_reference bytea[], _plan_id bigint[],
    _valid_from date[], _valid_to date[], _cover_rank smallint[], _card_hash bytea[],
    _former_index bytea[]
) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint := registry.work_on_feed(_feed_id, _token);
    _count bigint;
begin
    insert into registry.staged_coverage (
        feed_id, insurer_id, person_index, member_reference, plan_id,
        valid_from, valid_to, cover_rank, card_hash, former_index)
    select _feed_id, _insurer_id, s.person_index, s.member_reference, s.plan_id,
           s.valid_from, s.valid_to, s.cover_rank, nullif(s.card_hash, ''), s.former_index
      from unnest(_person_index, _member_reference, _plan_id, _valid_from, _valid_to, _cover_rank, _card_hash, _former_index)
           as s (person_index, member_reference, plan_id, valid_from, valid_to, cover_rank, card_hash, former_index);
    get diagnostics _count = row_count;
    -- A batch is taken once: an importer that did not hear of its commit must ask where it was.
    update registry.feed_work w
       set staged = w.staged + _count
     where w.feed_id = _feed_id and w.staged = _staged_before and w.staged + _count <= w.due;
    if not found then
        raise exception 'not the batch that is due' using errcode = 'RP022';
    end if;
    return _staged_before + _count;
end
$$;

comment on function registry.stage_coverage(bigint, bytea, bigint, bytea[], bytea[], bigint[], date[], date[], smallint[], bytea[], bytea[]) is 'Stages the batch that is due; returns how many covers are staged.';
