-- What: adds a site; adding the same one again changes nothing, its label neither.
-- Charges or records: the site.
-- Called by: the desk (role rempart_desk).
-- Locks: the unique key of site.
-- Round trips: one. Refusals: site_not_valid.
create or replace function identity.add_site(_identifier text, _label text)
returns table (site_id bigint, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    if _identifier is null or _identifier !~ '^[0-9][0-9AB][0-9]{7}$'
       or _label is null or char_length(_label) not between 1 and 120 then
        return query select null::bigint, 'site_not_valid';
        return;
    end if;
    insert into identity.site (identifier, label) values (_identifier, _label) on conflict (identifier) do nothing;
    return query select s.site_id, null::text from identity.site as s where s.identifier = _identifier;
end;
$$;

comment on function identity.add_site(text, text) is 'Adds a site, once.';
