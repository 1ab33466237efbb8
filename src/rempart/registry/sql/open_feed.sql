-- What: opens an insurer's feed in this transaction, which from then on may touch that insurer's covers only.
-- Charges or records: one row of registry.feed, kept if the transaction swaps.
-- Called by: rempart_intake, through registry/feed_import.py.
-- Locks: the insurer's open feed (unique): a second import of an insurer waits for the first.
-- Round trips: one.
create or replace function registry.open_feed(_amc text, _made_at timestamptz, _file_digest bytea)
returns table (refused_because text, feed_id bigint, plan_codes text[], plan_ids bigint[])
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint := registry.insurer_served(_amc);
    _feed_id bigint;
begin
    if _insurer_id is null then
        return query select 'insurer_unknown', null::bigint, null::text[], null::bigint[];
        return;
    end if;
    insert into registry.feed as f (insurer_id, state, made_at, file_digest)
    values (_insurer_id, 'open', _made_at, _file_digest)
    returning f.feed_id into strict _feed_id;
    -- Read after the insert, which waited for any other import of this insurer.
    if exists (select from registry.feed f
                where f.insurer_id = _insurer_id and f.feed_id <> _feed_id and f.made_at > _made_at) then
        return query select 'older_than_the_last', null::bigint, null::text[], null::bigint[];
        return;
    end if;
    return query
    select null::text, _feed_id,
           coalesce(array_agg(p.code order by p.code), '{}'),
           coalesce(array_agg(p.plan_id order by p.code), '{}')
      from registry.plan p
     where p.insurer_id = _insurer_id;
end
$$;

comment on function registry.open_feed(text, timestamptz, bytea) is 'Opens a feed for the length of one transaction; gives the insurer''s plans.';
