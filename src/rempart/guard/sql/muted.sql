-- What: whether refusals of this installation, or of an account it speaks for, are being counted without an entry each.
-- Charges or records: nothing.
-- Called by: rights.collect, for an attempt that left no entry.
-- Locks: none.
-- Round trips: none of its own.
create or replace function guard.muted(_installation bigint, _accounts bigint[]) returns boolean
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select coalesce(bool_or(b.muted_count > 0 and guard.now() - b.muted_at < 60000000), false)
      from guard.budget b
     where (b.kind = 1 and b.id = _installation) or (b.kind = 2 and b.id = any (_accounts))
$$;

comment on function guard.muted(bigint, bigint[]) is 'True while refusals are counted without an entry each.';
