-- What: what everybody may know to be closed: the platform, channels, insurers and grades; with the reason that the officer gave for it.
-- Charges or records: nothing.
-- Called by: the edge (role rempart_edge), for the status page, at most every few seconds a process.
-- Locks: none.
-- Round trips: one. Never an account, a professional, a site or an installation. Name: the insurer's; else empty.
create or replace function guard.list_public()
returns table (scope text, value text, name text, reason text, since timestamptz, until timestamptz)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select g.scope, g.value, case g.scope when 'insurer' then coalesce(registry.name_of(g.key), '') else '' end,
           g.reason, g.closed_at, nullif(g.until, 'infinity')
      from guard.gate g
     where g.scope in ('platform', 'channel', 'insurer', 'grade') and g.until > clock_timestamp()
     order by 5, 1, 2;
end
$$;

comment on function guard.list_public() is 'What is closed for everybody, an insurer or a way of asking.';
