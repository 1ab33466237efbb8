-- What: a plan as it stands: what its domains pay, and their categories; category null in a domain's own row.
-- Charges or records: nothing.
-- Called by: rempart_desk, through registry/plans.py; billing.try_plan.
-- Locks: none.
-- Round trips: one. No row: no such plan, or one that pays nothing.
create or replace function registry.read_plan(_amc text, _code text)
returns table (
    label text, domain text, terms_id bigint, category text, mode text, rate_bp integer, amount_cents integer,
    ceiling_cents integer, every_months smallint, units smallint
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select p.label, d.domain, d.terms_id, o.category, o.mode, o.rate_bp, o.amount_cents, o.ceiling_cents, o.every_months, o.units
      from registry.plan p
      join registry.plan_domain d on d.plan_id = p.plan_id
     cross join lateral (
            select null::text as category, d.mode, d.rate_bp, d.amount_cents, d.ceiling_cents, null::smallint as every_months,
                   null::smallint as units
            union all
            select r.category, r.mode, r.rate_bp, r.amount_cents, r.ceiling_cents, r.every_months, r.units
              from registry.category_rule r
             where r.terms_id = d.terms_id
           ) as o
     where p.insurer_id = registry.insurer_served(_amc) and p.code = _code
     order by d.domain, o.category nulls first;
end
$$;

comment on function registry.read_plan(text, text) is 'What a plan pays, by domain and category.';
