-- What: says whether a profession may ask about a domain: rights no wider than the work needs.
-- Charges or records: nothing.
-- Called by: rights.ask before anything is charged.
-- Locks: none.
-- Round trips: none of its own. Null or unknown: false.
create or replace function identity.may_ask(_profession text, _domain text)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return exists (
        select 1 from identity.profession_domain as d where d.profession = _profession and d.domain = _domain
    );
end;
$$;

comment on function identity.may_ask(text, text) is 'True when this profession may ask about this domain.';
