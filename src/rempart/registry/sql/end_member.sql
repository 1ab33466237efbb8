-- What: ends one member's covers after a day, at once; what was guaranteed before stands (engagements are billing's).
-- Charges or records: the member's covers; a row of registry.feed and one of feed_work, so that no older feed undoes it.
-- Called by: rempart_intake, through registry/feed_end.py.
-- Locks: the insurer's row (so it waits for a swap that runs), then the member's covers.
-- Round trips: one.
create or replace function registry.end_member(_amc text, _member_reference bytea, _last_day date)
returns table (refused_because text, ended bigint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint := registry.insurer_served(_amc);
    _feed_id bigint;
    _digest bytea := sha256(_member_reference || convert_to(_last_day::text, 'UTF8'));
    _gone bigint;
    _reference bytea;
begin
    if _insurer_id is null then
        refused_because := 'insurer_unknown';
        return next;
        return;
    elsif _member_reference is null or _last_day is null then
        raise exception 'whom, and after which day?' using errcode = 'RP023';
    end if;
    perform from registry.insurer i where i.insurer_id = _insurer_id for no key update;

    -- The tenant, for the length of this function; nobody has its token. The row stays: a feed made before on a clock
    -- that is ahead would undo the end (registry.swap_feed).
    _feed_id := nextval('registry.feed_feed_id_seq');
    insert into registry.feed_work (feed_id, insurer_id, kind, made_at, file_digest, due, token_hash)
    values (_feed_id, _insurer_id, 'end', clock_timestamp(), _digest, 0,
            sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

    -- It may come from a list made before the insurer's references were made anew.
    _reference := registry.current_reference(_insurer_id, _member_reference);
    update registry.feed_work w
       set ended_reference = _reference, last_day = _last_day
     where w.feed_id = _feed_id;
    delete from registry.coverage c
     where c.insurer_id = _insurer_id and c.member_reference = _reference and c.valid_from > _last_day;
    get diagnostics _gone = row_count;
    update registry.coverage c
       set valid_to = _last_day, feed_id = _feed_id
     where c.insurer_id = _insurer_id and c.member_reference = _reference and c.valid_to > _last_day;
    get diagnostics ended = row_count;
    ended := ended + _gone;
    if ended = 0 then
        refused_because := 'nobody_ended';
        delete from registry.feed_work w where w.feed_id = _feed_id;
    else
        insert into registry.feed (
            feed_id, insurer_id, opened_xid, state, made_at, file_digest, accepted, ended)
        overriding system value
        values (_feed_id, _insurer_id, pg_current_xact_id(), 'in_force', clock_timestamp(), _digest, 1, ended);
    end if;
    return next;
end
$$;

comment on function registry.end_member(text, bytea, date) is 'Ends the covers of the member behind a reference after a day; returns how many.';
