-- What: what stops a session's own questions now, whoever is asked about: the widest first. Never why.
-- Charges or records: nothing.
-- Called by: the edge (role rempart_edge), for pages that ask.
-- Locks: none.
-- Round trips: one. No row: nothing does, or the cookie opens nothing. Scope: platform, portal, site, account (its holds, its professional and this browser too).
create or replace function guard.closed_for(_token text)
returns table (scope text, since timestamptz, until timestamptz)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select c.scope, c.since, c.until
      from identity.find_session(_token, null) as s
      cross join lateral identity.keys_of(s.account_id) as o
      cross join lateral (
          select case g.scope when 'platform' then 'platform' when 'channel' then 'portal' when 'site' then 'site' else 'account' end,
                 g.closed_at, nullif(g.until, 'infinity'),
                 case g.scope when 'platform' then 1 when 'channel' then 2 when 'site' then 3 else 4 end
            from guard.gate g
           where g.until > clock_timestamp()
             and (g.scope, g.key) in (
                 ('platform', 0::bigint), ('channel', 2::bigint), ('site', o.site_id), ('account', s.account_id),
                 ('professional', o.professional_id), ('client', (identity.alive(array[_token], array[s.jkt]))[1]))
          union all
          select 'account', h.placed_at, null, 4
            from guard.hold h
           where h.account_id = s.account_id
      ) as c (scope, since, until, rank)
     order by c.rank, c.until desc nulls first
     limit 1;
end
$$;

comment on function guard.closed_for(text) is 'What is closed for a session''s own account; no reason.';
