-- What: takes a batch of an open feed's map, as arrays of equal length; the first batch begins the map anew.
-- Charges or records: rows of registry.staged_reference, and how many there are, in one short transaction.
-- Called by: rempart_intake, through registry/feed_import.py.
-- Locks: the feed's row of registry.feed_work.
-- Round trips: one a batch.
create or replace function registry.stage_references(
    _feed_id bigint, _token bytea, _mapped_before bigint, _former bytea[], _current bytea[]
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
    if _mapped_before = 0 then
        delete from registry.staged_reference m where m.feed_id = _feed_id;
        update registry.feed_work w set mapped = 0 where w.feed_id = _feed_id;
    end if;
    insert into registry.staged_reference (feed_id, insurer_id, former, current)
    select _feed_id, _insurer_id, m.former, m.current
      from unnest(_former, _current) as m (former, current);
    get diagnostics _count = row_count;
    update registry.feed_work w
       set mapped = w.mapped + _count
     where w.feed_id = _feed_id and w.mapped = _mapped_before;
    if not found then
        raise exception 'not the batch that is due' using errcode = 'RP022';
    end if;
    return _mapped_before + _count;
end
$$;

comment on function registry.stage_references(bigint, bytea, bigint, bytea[], bytea[]) is 'Stages the batch of a map that is due; returns how many of its lines are staged.';
