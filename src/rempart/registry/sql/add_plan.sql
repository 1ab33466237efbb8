-- What: adds a plan of an insurer, or restates what it is called and pays.
-- Charges or records: registry.plan and, whole, its rows of registry.plan_domain.
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
begin
    if _insurer_id is null or _rules is null or jsonb_typeof(_rules) <> 'object' then
        raise exception 'no insurer served of this number, or no rules' using errcode = 'RP020';
    end if;
    insert into registry.plan as p (insurer_id, code, label)
    values (_insurer_id, _code, _label)
    on conflict (insurer_id, code) do update set label = excluded.label
    returning p.plan_id into strict _plan_id;
    delete from registry.plan_domain d where d.plan_id = _plan_id;
    insert into registry.plan_domain (plan_id, domain, mode, rate_bp, amount_cents, ceiling_cents)
    select _plan_id, r.key, r.value ->> 'mode', (r.value ->> 'rate_bp')::integer,
           (r.value ->> 'amount_cents')::integer, (r.value ->> 'ceiling_cents')::integer
      from jsonb_each(_rules) as r;
    return _plan_id;
end
$$;

comment on function registry.add_plan(text, text, text, jsonb) is 'Adds or restates a plan: per domain {mode, rate_bp, amount_cents, ceiling_cents}; returns its id. Idempotent.';
