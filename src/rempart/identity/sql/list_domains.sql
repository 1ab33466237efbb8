-- What: lists the domains that the profession behind a session may ask about.
-- Charges or records: nothing.
-- Called by: the edge (role rempart_edge).
-- Locks: none.
-- Round trips: one. No row: the cookie opens nothing.
create or replace function identity.list_domains(_token text)
returns table (domain text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select d.domain
      from identity.find_session(_token, null) as me
      join identity.profession_domain as d on d.profession = me.profession
     order by d.domain;
end;
$$;

comment on function identity.list_domains(text) is
'Lists what one''s own profession may ask about.';
