-- What: records caps that a key was given at a console.
-- Charges or records: one entry of kind cap; its charges hold the bounds, with 0 units charged.
-- Called by: guard.set_caps, guard.widen_caps, guard.ease_hold, guard.release_hold.
-- Locks: journal.head of the key.
-- Round trips: none of its own.
create or replace function journal.record_cap(_kind smallint, _id bigint, _guard_at bigint, _caps bytea) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _nothing bytea := decode(repeat('00', 16), 'hex');
begin
    perform journal.record('cap', _kind, _id, _guard_at, _nothing, _nothing, 'console', _caps, 0::bigint, 1, journal.blank_payload());
end
$$;

comment on function journal.record_cap(smallint, bigint, bigint, bytea) is 'Records the caps of a key.';
