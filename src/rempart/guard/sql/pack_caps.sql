-- What: the caps of a key as an entry of kind cap holds them: 34 bytes a bucket that bounds, nothing charged (docs/entry.md).
-- Charges or records: nothing.
-- Called by: guard.set_caps, guard.widen_caps, guard.take_tenth, guard.give_back.
-- Locks: none.
-- Round trips: none of its own.
create or replace function guard.pack_caps(_b guard.budget) returns bytea
language sql immutable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select string_agg(
               guard.charged(_b.kind, _b.id, l.bucket, 0::smallint, l.burst, l.every, l.tat),
               ''::bytea order by l.bucket)
      from (values
               (1::smallint, _b.all_burst, _b.all_every, _b.all_tat),
               (2::smallint, _b.new_burst, _b.new_every, _b.new_tat),
               (3::smallint, _b.fresh_burst, _b.fresh_every, _b.fresh_tat),
               (4::smallint, _b.typed_burst, _b.typed_every, _b.typed_tat),
               (5::smallint, _b.miss_burst, _b.miss_every, _b.miss_tat)
           ) as l (bucket, burst, every, tat)
     where l.every > 0
$$;

comment on function guard.pack_caps(guard.budget) is 'The caps of a key, as bytes of an entry.';
