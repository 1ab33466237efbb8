-- What: the categories of a domain with what terms say of each; mode is null where they say nothing of it.
-- Charges or records: nothing.
-- Called by: billing.authorize, billing.claim, billing.try_plan.
-- Locks: none.
-- Round trips: none of its own.
create or replace function billing.rules_of(_terms_id bigint, _domain text) returns billing.rule[]
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select array_agg(row(r.category, r.mode, r.rate_bp, r.amount_cents, r.ceiling_cents)::billing.rule)
      from registry.category_rules(_terms_id, _domain) r
$$;

comment on function billing.rules_of(bigint, text) is 'What terms say of each category of a domain.';
