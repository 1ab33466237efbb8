-- What: gives a key of a demonstration the caps of a probe: that many questions, and that many people of each kind.
-- Charges or records: an entry of kind cap, as guard.set_caps; what was used up stays used up.
-- Called by: rempart_desk (rempart probe timing), on a database that is marked as a demonstration; refused on any other.
-- Locks: the key's guard.budget row, then its journal.head.
-- Round trips: one.
create or replace function guard.widen_caps(_kind smallint, _id bigint, _questions integer, _people integer) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _caps bytea;
begin
    if not coalesce(foundation.marked_as_demo(), false) then
        raise exception 'only a demonstration has caps that are widened' using errcode = 'RP403';
    end if;
    if _kind is null or _id is null or _questions is null or _people is null or least(_questions, _people) < 0 then
        raise exception 'caps need a kind, an id and two counts' using errcode = 'RP001';
    end if;
    update guard.budget b
       set all_burst = _questions, new_burst = _people, fresh_burst = _people,
           typed_burst = _people, miss_burst = _people
     where b.kind = _kind and b.id = _id
    returning guard.pack_caps(b.*) into _caps;
    if _caps is null then
        raise exception 'this key has no caps yet' using errcode = 'RP404';
    end if;
    perform journal.record_cap(_kind, _id, guard.now(), _caps);
end
$$;

comment on function guard.widen_caps(smallint, bigint, integer, integer) is 'Caps for a probe, on a demonstration alone.';
