-- What: one charge as the entry stores it: 34 bytes (docs/entry.md): whose, which bucket, how many units, with which bounds.
-- Charges or records: nothing.
-- Called by: guard.charge, guard.charge_installation and guard.pack_caps, whose role and settings it runs with: it reads nothing.
-- Locks: none.
-- Round trips: none of its own.
create or replace function guard.charged(
    _kind smallint, _id bigint, _bucket smallint, _units smallint, _burst integer, _every bigint, _tat bigint
) returns bytea
language sql immutable
as $$
    select int2send(_kind) || int8send(_id) || int2send(_bucket) || int2send(_units)
           || int4send(_burst) || int8send(_every) || int8send(_tat)
$$;

comment on function guard.charged(smallint, bigint, smallint, smallint, integer, bigint, bigint) is 'A charge as bytes.';
