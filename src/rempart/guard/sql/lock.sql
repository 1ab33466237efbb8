-- What: locks every budget row that a batch will touch, before any is read.
-- Charges or records: nothing.
-- Called by: rights.ask, once a batch.
-- Locks: guard.budget rows in the order installation, account, professional, site, each by id.
-- Round trips: none of its own.
create or replace function guard.lock(_kinds smallint[], _ids bigint[]) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    perform 1
       from guard.budget b
      where (b.kind, b.id) in (select k.kind, k.id from unnest(_kinds, _ids) as k (kind, id))
      order by b.kind, b.id
        for no key update;
end
$$;

comment on function guard.lock(smallint[], bigint[]) is 'Takes the row locks of a batch in the one global order.';
