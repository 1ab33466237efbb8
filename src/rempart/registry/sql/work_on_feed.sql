-- What: makes an open feed's insurer the tenant of this transaction, for whoever presents the feed's token.
-- Charges or records: the transaction's number and the time in the feed's row.
-- Called by: registry.stage_coverage, registry.swap_feed, registry.leave_feed.
-- Locks: the feed's row of registry.feed_work.
-- Round trips: none of its own.
create or replace function registry.work_on_feed(_feed_id bigint, _token bytea) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint;
begin
    update registry.feed_work w
       set work_xid = pg_current_xact_id(), worked_at = clock_timestamp()
     where w.feed_id = _feed_id and w.token_hash = sha256(_token)
    returning w.insurer_id into _insurer_id;
    if not found then
        raise exception 'no such feed is open to this token' using errcode = 'RP021';
    end if;
    return _insurer_id;
end
$$;

comment on function registry.work_on_feed(bigint, bytea) is 'The insurer of a feed, from here on the tenant of this transaction; raises RP021 without the feed''s token.';
