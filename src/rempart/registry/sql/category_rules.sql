-- What: every category of a domain, with the rule that terms have for it: mode null where it is paid as the domain is.
-- Charges or records: nothing.
-- Called by: billing.claim, billing.try_plan, billing.refuse_quote, billing.authorize.
-- Locks: none; terms are never changed.
-- Round trips: none of its own.
create or replace function registry.category_rules(_terms_id bigint, _domain text)
returns table (category text, mode text, rate_bp integer, amount_cents integer, ceiling_cents integer,
               every_months smallint, units smallint)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select c.category, r.mode, r.rate_bp, r.amount_cents, r.ceiling_cents, r.every_months, r.units
      from registry.care_category c
      left join registry.category_rule r on r.terms_id = _terms_id and r.category = c.category
     where c.domain = _domain;
end
$$;

comment on function registry.category_rules(bigint, text) is 'The categories of a domain and what terms say of each.';
