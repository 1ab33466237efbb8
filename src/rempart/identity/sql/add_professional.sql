-- What: adds a professional; adding the same one again changes nothing.
-- Charges or records: the professional.
-- Called by: the desk (role rempart_desk).
-- Locks: the unique key of professional.
-- Round trips: one. Refusals: professional_not_valid, profession_unknown, profession_differs.
create or replace function identity.add_professional(_rpps text, _profession text)
returns table (professional_id bigint, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _found record;
begin
    if _rpps is null or _rpps !~ '^[0-9]{11}$' then
        return query select null::bigint, 'professional_not_valid';
        return;
    end if;
    if not exists (select 1 from identity.profession_domain as d where d.profession = _profession) then
        return query select null::bigint, 'profession_unknown';
        return;
    end if;
    insert into identity.professional (rpps, profession) values (_rpps, _profession) on conflict (rpps) do nothing;
    select p.professional_id, p.profession into strict _found from identity.professional as p where p.rpps = _rpps;
    if _found.profession <> _profession then
        return query select null::bigint, 'profession_differs';
        return;
    end if;
    return query select _found.professional_id, null::text;
end;
$$;

comment on function identity.add_professional(text, text) is 'Adds a professional, once.';
