-- What: charges the buckets that an outcome costs, on every key that bounds them.
-- Charges or records: the units named; returns the charges as the entry stores them (34 bytes each, docs/entry.md).
-- Called by: rights.ask_one, after guard.judge in the same transaction.
-- Locks: none new; rights.ask holds the four budget rows.
-- Round trips: none of its own.
create or replace function guard.charge(
    _installation bigint, _account bigint, _professional bigint, _site bigint, _now bigint,
    _new boolean, _fresh boolean, _typed boolean, _miss boolean
) returns bytea
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _charges bytea;
begin
    with charged as (
        update guard.budget b
           set all_tat = case when b.all_every > 0 then greatest(b.all_tat, _now) + b.all_every else b.all_tat end,
               new_tat = case when _new and b.new_every > 0 then greatest(b.new_tat, _now) + b.new_every else b.new_tat end,
               fresh_tat = case when _fresh and b.fresh_every > 0 then greatest(b.fresh_tat, _now) + b.fresh_every else b.fresh_tat end,
               typed_tat = case when _typed and b.typed_every > 0 then greatest(b.typed_tat, _now) + b.typed_every else b.typed_tat end,
               miss_tat = case when _miss and b.miss_every > 0 then greatest(b.miss_tat, _now) + b.miss_every else b.miss_tat end
         where (b.kind, b.id) in ((1::smallint, _installation), (2::smallint, _account),
                                  (3::smallint, _professional), (4::smallint, _site))
        returning b.*
    )
    select string_agg(
               int2send(c.kind) || int8send(c.id) || int2send(l.bucket) || int2send(1::smallint)
               || int4send(l.burst) || int8send(l.every) || int8send(l.tat),
               ''::bytea order by c.kind, c.id, l.bucket)
      into _charges
      from charged c
           cross join lateral (values
               (1::smallint, true, c.all_burst, c.all_every, c.all_tat),
               (2::smallint, _new, c.new_burst, c.new_every, c.new_tat),
               (3::smallint, _fresh, c.fresh_burst, c.fresh_every, c.fresh_tat),
               (4::smallint, _typed, c.typed_burst, c.typed_every, c.typed_tat),
               (5::smallint, _miss, c.miss_burst, c.miss_every, c.miss_tat)
           ) as l (bucket, applies, burst, every, tat)
     where l.applies and l.every > 0;
    if _charges is null then
        raise exception 'nothing was charged' using errcode = 'RP503';
    end if;
    return _charges;
end
$$;

comment on function guard.charge(bigint, bigint, bigint, bigint, bigint, boolean, boolean, boolean, boolean) is 'Charges all questions and the buckets named; returns what was charged, as bytes.';
