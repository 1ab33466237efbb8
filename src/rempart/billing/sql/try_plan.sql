-- What: what a plan as it stands would pay for lines of a domain, so that whoever states a plan can check it.
-- Charges or records: nothing.
-- Called by: rempart_desk, through billing/trying.py.
-- Locks: none.
-- Round trips: one. One row each line, in order; no row: the plan does not pay in this domain.
create or replace function billing.try_plan(_amc text, _code text, _domain text, _lines jsonb)
returns table (category text, mode text, amount_cents integer)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _plan record;
    _known billing.rule[];
    _asked billing.line[];
begin
    select p.terms_id, p.mode, p.rate_bp, p.amount_cents, p.ceiling_cents into _plan
      from registry.read_plan(_amc, _code) p where p.domain = _domain and p.category is null;
    if not found then
        return;
    end if;
    _known := billing.rules_of(_plan.terms_id, _domain);
    select array_agg(l) into _asked from jsonb_populate_recordset(null::billing.line, _lines) as l;
    if exists (select from unnest(_asked) l where l.category <> all (array(select k.category from unnest(_known) k))) then
        raise exception 'a category that this domain does not have' using errcode = 'RP030';
    end if;
    return query
    select l.category, coalesce(k.mode, _plan.mode), a.cents
      from unnest(_asked) with ordinality as l
      join unnest(billing.amounts(
               row(null, _plan.mode, _plan.rate_bp, _plan.amount_cents, _plan.ceiling_cents)::billing.rule,
               array(select k from unnest(_known) k where k.mode is not null), _asked)) with ordinality as a (cents, place)
        on a.place = l.ordinality
      join unnest(_known) as k on k.category = l.category
     order by l.ordinality;
end
$$;

comment on function billing.try_plan(text, text, text, jsonb) is 'What a plan would pay for lines: for whoever states it.';
