-- What: everything that is closed now, by gate or by hold, oldest first.
-- Charges or records: nothing.
-- Called by: rempart_desk (rempart gate list).
-- Locks: none.
-- Round trips: one.
create or replace function guard.list_gates()
returns table (scope text, value text, held boolean, reason text, author text, since timestamptz, until timestamptz)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select g.scope, g.value, false, g.reason, g.author, g.closed_at, nullif(g.until, 'infinity')
      from guard.gate g
     where g.until > clock_timestamp()
    union all
    select 'account', h.value, true, h.reason, h.author, h.placed_at, null
      from guard.hold h
     order by 6, 1, 2
$$;

comment on function guard.list_gates() is 'What is closed now.';
