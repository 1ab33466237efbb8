-- What: one beat of the heart: guard time moves by the least of wall time, the beater's own monotonic time, and two seconds.
-- Charges or records: nothing; the excess of a clock jump is forgotten.
-- Called by: rempart_jobs, each second (rempart.guard.heart).
-- Locks: the one row of guard.clock.
-- Round trips: one.
create or replace function guard.beat(_monotonic_us bigint) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _guard_at bigint;
begin
    if _monotonic_us is null or _monotonic_us < 0 then
        raise exception 'a beat needs the monotonic time since the last' using errcode = 'RP001';
    end if;
    update guard.clock c
       set guard_at = c.guard_at + greatest(0, least(
               (extract(epoch from clock_timestamp() - c.wall_at) * 1000000)::bigint,
               _monotonic_us,
               2000000)),
           wall_at = clock_timestamp()
    returning c.guard_at into _guard_at;
    if _guard_at is null then
        raise exception 'guard time is missing' using errcode = 'RP503';
    end if;
    return _guard_at;
end
$$;

comment on function guard.beat(bigint) is 'Moves guard time by at most two seconds and anchors it to the wall clock anew.';
