-- What: counts a refusal that costs nothing to cause, so that a flood makes one entry a minute and not one each.
-- Charges or records: the count on the key's budget row; returns how many refusals an entry must now stand for, 0 for none.
-- Called by: rights.ask_one.
-- Locks: none new; rights.ask holds the row.
-- Round trips: none of its own.
create or replace function guard.mute(_kind smallint, _id bigint, _now bigint) returns integer
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _count integer;
begin
    update guard.budget b
       set muted_at = _now, muted_count = 0
      from guard.budget o
     where b.kind = _kind and b.id = _id and o.kind = b.kind and o.id = b.id
       and _now - b.muted_at >= 60000000
    returning o.muted_count + 1 into _count;
    if found then
        return _count;
    end if;
    update guard.budget b
       set muted_count = b.muted_count + 1
     where b.kind = _kind and b.id = _id;
    return 0;
end
$$;

comment on function guard.mute(smallint, bigint, bigint) is 'One entry a minute for refusals that cost nothing; returns the count for it, or 0.';
