-- What: locks every budget row that a batch will touch, before any is read; tells the guard time at which it holds them.
-- Charges or records: nothing.
-- Called by: rights.ask_batch and rights.note_broken, once a batch.
-- Locks: guard.budget rows in the order installation, account, professional, site, each by id.
-- Round trips: none of its own. Nulls and repeats are passed over.
create or replace function guard.lock(
    _installations bigint[], _accounts bigint[], _professionals bigint[], _sites bigint[]
) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    -- An older snapshot would not see what has been closed since: only the default isolation takes a new one each time.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'questions are asked in read committed transactions' using errcode = 'RP001';
    end if;
    perform 1
       from unnest(_installations || _accounts || _professionals || _sites) with ordinality as k (id, place)
       join guard.budget b
         on b.kind = (1 + (k.place - 1) / cardinality(_installations))::smallint and b.id = k.id
      order by b.kind, b.id
        for no key update of b;
    return guard.now();
end
$$;

comment on function guard.lock(bigint[], bigint[], bigint[], bigint[]) is 'Takes the row locks of a batch in the one global order; guard time from then on.';
