-- What: adds a plan of an insurer, or restates what it is called and pays.
-- Charges or records: registry.plan and, whole, its rows of registry.plan_domain; new terms where categories have rules.
-- Called by: rempart_desk, through registry/insurers.py.
-- Locks: the plan's row, then its domains.
-- Round trips: one.
create or replace function registry.add_plan(_amc text, _code text, _label text, _rules jsonb) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint := registry.insurer_served(_amc);
    _plan_id bigint;
    _rule record;
    _terms_id bigint;
begin
    if _insurer_id is null or _rules is null or jsonb_typeof(_rules) <> 'object' then
        raise exception 'no insurer served of this number, or no rules' using errcode = 'RP020';
    end if;
    insert into registry.plan as p (insurer_id, code, label)
    values (_insurer_id, _code, _label)
    on conflict (insurer_id, code) do update set label = excluded.label
    returning p.plan_id into strict _plan_id;
    delete from registry.plan_domain d where d.plan_id = _plan_id;
    for _rule in select r.key as domain, r.value as stated, r.value -> 'categories' as own from jsonb_each(_rules) as r loop
        -- Terms are never changed: guarantees already given hold on to those that they were given under.
        _terms_id := null;
        if jsonb_typeof(_rule.own) = 'object' and _rule.own <> '{}' then
            insert into registry.terms (plan_id, domain) values (_plan_id, _rule.domain)
            returning terms_id into strict _terms_id;
            insert into registry.category_rule (
                terms_id, domain, category, mode, rate_bp, amount_cents, ceiling_cents, every_months, units)
            select _terms_id, _rule.domain, c.key, c.value ->> 'mode', (c.value ->> 'rate_bp')::integer,
                   (c.value ->> 'amount_cents')::integer, (c.value ->> 'ceiling_cents')::integer,
                   (c.value ->> 'every_months')::smallint, coalesce((c.value ->> 'units')::smallint, 1)
              from jsonb_each(_rule.own) as c;
        end if;
        insert into registry.plan_domain (plan_id, domain, mode, rate_bp, amount_cents, ceiling_cents, terms_id)
        values (_plan_id, _rule.domain, _rule.stated ->> 'mode', (_rule.stated ->> 'rate_bp')::integer,
                (_rule.stated ->> 'amount_cents')::integer, (_rule.stated ->> 'ceiling_cents')::integer, _terms_id);
    end loop;
    return _plan_id;
end
$$;

comment on function registry.add_plan(text, text, text, jsonb) is 'Adds or restates a plan: per domain {mode, rate_bp, amount_cents, ceiling_cents, categories}; returns its id. Idempotent.';
