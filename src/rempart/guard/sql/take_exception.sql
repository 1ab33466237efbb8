-- What: takes one exception of an account, its professional and its site, if all three have one: before the registry is read.
-- Charges or records: one unit of each, returned as the entry stores them; an entry of kind cap for a key whose caps are new.
-- Called by: rights.ask_one, after guard.judge in the same transaction.
-- Locks: rows of guard.exception_budget, then journal.head, of keys whose guard.budget rows the caller holds.
-- Round trips: none of its own. NULL: there is none left. Three keys, or it fails.
create or replace function guard.take_exception(_account bigint, _professional bigint, _site bigint, _now bigint)
returns bytea
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    -- An account at a tenth has a tenth of this too, at least one at a time (guard.take_tenth).
    _tenth integer := case when exists (select from guard.eased e where e.account_id = _account) then 10 else 1 end;
    _key record;
    _tat bigint;
    _keys integer := 0;
    _are_left boolean := true;
    _charges bytea;
begin
    -- 1. The caps in force, on record before anything is charged to them.
    for _key in
        select k.kind, k.id, b.burst as had_burst, b.every as had_every,
               case k.kind when 2 then least(c.burst, greatest(1, c.burst / _tenth)) else c.burst end as burst,
               case k.kind when 2 then c.every * _tenth else c.every end as every,
               c.emptied_at
          from (values (2::smallint, _account), (3::smallint, _professional), (4::smallint, _site)) as k (kind, id)
          join guard.exception_cap c on c.kind = k.kind
          left join guard.exception_budget b on b.kind = k.kind and b.id = k.id
         order by k.kind
    loop
        if (_key.had_burst, _key.had_every) is distinct from (_key.burst, _key.every) then
            -- What was used up stays used up; units that come back faster make no bucket emptier than empty.
            insert into guard.exception_budget as b (kind, id, burst, every, tat)
            values (_key.kind, _key.id, _key.burst, _key.every,
                    case when _key.emptied_at > 0 then _key.emptied_at + _key.burst * _key.every else 0 end)
            on conflict (kind, id) do update
               set burst = excluded.burst, every = excluded.every,
                   tat = case when excluded.every < b.every
                              then least(b.tat, _now + excluded.burst * excluded.every) else b.tat end
            returning b.tat into _tat;
            perform journal.record_cap(
                _key.kind, _key.id, _now,
                guard.charged(_key.kind, _key.id, 6::smallint, 0::smallint, _key.burst, _key.every, _tat));
        end if;
        select _are_left and guard.has_one(b.tat, b.every, b.burst, _now), _keys + 1
          into strict _are_left, _keys
          from guard.exception_budget b where b.kind = _key.kind and b.id = _key.id;
    end loop;
    if _keys <> 3 then
        raise exception 'an exception is taken from three keys' using errcode = 'RP503';
    end if;
    if not _are_left then
        return null;
    end if;

    -- 2. One unit of each: what it costs depends on nothing else.
    with charged as (
        update guard.exception_budget b
           set tat = greatest(b.tat, _now) + b.every
          from (values (2::smallint, _account), (3::smallint, _professional), (4::smallint, _site)) as k (kind, id)
         where b.kind = k.kind and b.id = k.id
        returning guard.charged(b.kind, b.id, 6::smallint, 1::smallint, b.burst, b.every, b.tat) as what
    )
    select string_agg(c.what, ''::bytea) into strict _charges from charged c;
    return _charges;
end
$$;

comment on function guard.take_exception(bigint, bigint, bigint, bigint) is 'Takes one exception of three keys; NULL when one of them has none left.';
