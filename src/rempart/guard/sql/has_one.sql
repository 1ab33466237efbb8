-- What: whether a bucket has one unit left at a guard time: GCRA, by when it will be full again (docs/guard.md).
-- Charges or records: nothing.
-- Called by: guard.judge and guard.charge_installation, whose role and settings it runs with: it reads nothing.
-- Locks: none.
-- Round trips: none of its own. Always true of a bucket that bounds nothing (every 0).
create or replace function guard.has_one(_tat bigint, _every bigint, _burst integer, _now bigint) returns boolean
language sql immutable
as $$
    select greatest(_tat, _now) + _every - _now <= _burst * _every
$$;

comment on function guard.has_one(bigint, bigint, integer, bigint) is 'True while a bucket has a unit left.';
