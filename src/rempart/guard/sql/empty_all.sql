-- What: takes every bucket as empty: what was charged after the copy was made is lost, so nothing is given back.
-- Charges or records: every arrival time becomes guard time plus B units, as an entry of kind restore says; orders' nonces are over.
-- Called by: foundation.restore.
-- Locks: guard.gate against other moves, then guard.budget against every writer.
-- Round trips: none of its own.
create or replace function guard.empty_all(_guard_at bigint) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _keys bigint;
begin
    -- Whoever asks, sets caps or moves a gate has ended, and none begins before our commit.
    lock table guard.gate in share row exclusive mode;
    lock table guard.budget in exclusive mode;
    update guard.budget b
       set all_tat = _guard_at + b.all_burst * b.all_every,
           new_tat = _guard_at + b.new_burst * b.new_every,
           fresh_tat = _guard_at + b.fresh_burst * b.fresh_every,
           typed_tat = _guard_at + b.typed_burst * b.typed_every,
           miss_tat = _guard_at + b.miss_burst * b.miss_every;
    get diagnostics _keys = row_count;
    -- Whoever takes an exception holds a row of guard.budget.
    update guard.exception_budget b set tat = _guard_at + b.burst * b.every;
    -- Whose first exception is lost has no row here, and is no better off for it.
    update guard.exception_cap c set emptied_at = _guard_at;
    delete from guard.nonce;
    return _keys;
end
$$;

comment on function guard.empty_all(bigint) is 'Every bucket is empty at this guard time; how many keys.';
