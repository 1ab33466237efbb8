-- What: everything that is closed now, by gate or by hold, and every account that is back at a tenth; oldest first.
-- Charges or records: nothing.
-- Called by: rempart_desk (rempart gate list).
-- Locks: none.
-- Round trips: one.
create or replace function guard.list_gates()
returns table (scope text, value text, held boolean, eased boolean, reason text, author text, since timestamptz, until timestamptz)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select g.scope, g.value, false, false, g.reason, g.author, g.closed_at, nullif(g.until, 'infinity')
      from guard.gate g
     where g.until > clock_timestamp()
    union all
    select 'account', h.value, true, false, h.reason, h.author, h.placed_at, null
      from guard.hold h
    union all
    select 'account', e.value, false, true, e.reason, e.author, e.eased_at, null
      from guard.eased e
     where not exists (select from guard.hold h where h.account_id = e.account_id)
     order by 7, 1, 2
$$;

comment on function guard.list_gates() is 'What is closed now.';
