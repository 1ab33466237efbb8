-- What: lists the exceptions of the last 30 days to the administrator of their site: when, who, why; never about whom.
-- Charges or records: nothing.
-- Called by: the edge (role rempart_edge), for a page.
-- Locks: none.
-- Round trips: one. No row: the cookie opens nothing, or its owner is no administrator. Name NULL: no longer at the site.
create or replace function rights.list_exceptions(_token text)
returns table (at timestamptz, rpps text, name text, reason text)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select x.recorded_at, x.professional, c.name, split_part(x.evidence, ':', 2)
      from identity.find_session(_token, null) as me
     cross join lateral journal.exceptions_of(identity.id_of('site', me.site)) as x
      left join identity.list_colleagues(_token) as c on c.rpps = x.professional
     where me.is_administrator
     order by x.recorded_at desc;
end
$$;

comment on function rights.list_exceptions(text) is 'The exceptions of the administrator''s own site.';
