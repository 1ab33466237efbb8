-- What: guard time now, in microseconds: the last beat plus at most two seconds.
-- Charges or records: nothing.
-- Called by: rights.ask_batch, guard.set_caps.
-- Locks: none.
-- Round trips: none of its own.
create or replace function guard.now() returns bigint
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _now bigint;
begin
    select c.guard_at
           + least(greatest((extract(epoch from clock_timestamp() - c.wall_at) * 1000000)::bigint, 0), 2000000)
      into _now
      from guard.clock c;
    if _now is null then
        -- Without its clock the guard cannot count, so nobody may ask.
        raise exception 'guard time is missing' using errcode = 'RP503';
    end if;
    return _now;
end
$$;

comment on function guard.now() is 'Guard time in microseconds. Never runs faster than real time; frozen two seconds after the last beat.';
