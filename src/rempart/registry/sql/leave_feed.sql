-- What: says that nobody is at work on a feed, so that the next importer need not wait.
-- Charges or records: the feed's row.
-- Called by: rempart_intake, through registry/feed_import.py.
-- Locks: the feed's row of registry.feed_work.
-- Round trips: one.
create or replace function registry.leave_feed(_feed_id bigint, _token bytea) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    perform registry.work_on_feed(_feed_id, _token);
    update registry.feed_work w set worked_at = '-infinity' where w.feed_id = _feed_id;
end
$$;

comment on function registry.leave_feed(bigint, bytea) is 'Lets another importer go on with the feed at once.';
