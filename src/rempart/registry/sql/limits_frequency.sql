-- What: whether any plan of an insurer limits how often a category of a domain is paid, of the categories named.
-- Charges or records: nothing; reads plans alone, and concerns no person.
-- Called by: rights.ask_one, for a quote, before anybody is looked for.
-- Locks: none.
-- Round trips: none of its own.
create or replace function registry.limits_frequency(_insurer_id bigint, _domain text, _categories text[]) returns boolean
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return exists (
        select from registry.plan p
          join registry.plan_domain d on d.plan_id = p.plan_id and d.domain = _domain
          join registry.category_rule r on r.terms_id = d.terms_id
         where p.insurer_id = _insurer_id and r.category = any (_categories) and r.every_months is not null);
end
$$;

comment on function registry.limits_frequency(bigint, text, text[]) is 'Whether an insurer limits how often it pays for any of these categories.';
