-- What: what a prise en charge promises for lines that are claimed: never more than for the line that was agreed to.
-- Charges or records: nothing.
-- Called by: billing.claim.
-- Locks: none; lines that were agreed to are never changed.
-- Round trips: none of its own. Null: a line that was not agreed to. The first line of a category answers to its first, and so on.
create or replace function billing.agreed_amounts(
    _engagement_id bytea, _guarantee billing.rule, _rules billing.rule[], _lines billing.line[]
) returns integer[]
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _agreed integer[];
    _paid billing.line[];
    _amounts integer[];
begin
    -- 1. Each line's counterpart; null where there is none, or where it was for fewer units.
    select array_agg(a.amount_cents order by l.place), array_agg(l.line order by l.place) filter (where a.amount_cents > 0)
      into _agreed, _paid
      from (select s.place, s.quantity, s.category, row_number() over (partition by s.category order by s.place) as nth,
                   row(s.category, s.quantity, s.price_cents, s.base_cents, s.obligatory_cents)::billing.line as line
              from unnest(_lines) with ordinality as s (category, quantity, price_cents, base_cents, obligatory_cents, place)) as l
      left join (select o.category, o.quantity, o.amount_cents, row_number() over (partition by o.category order by o.place) as nth
                   from billing.authorized_line o
                  where o.engagement_id = _engagement_id) as a
        on a.category = l.category and a.nth = l.nth and a.quantity >= l.quantity;
    if array_position(_agreed, null) is not null then
        return null;
    end if;

    -- 2. What the plan pays for what was delivered, and no more than was agreed to. A line that was promised nothing gets nothing.
    _amounts := billing.amounts(_guarantee, _rules, coalesce(_paid, '{}'));
    return array(
        select case when g.amount > 0
                    then least(g.amount, _amounts[(count(*) filter (where g.amount > 0) over (order by g.place))::integer])
                    else 0 end
          from unnest(_agreed) with ordinality as g (amount, place)
         order by g.place);
end
$$;

comment on function billing.agreed_amounts(bytea, billing.rule, billing.rule[], billing.line[]) is 'What was agreed to for lines that are claimed; null for a line that was not.';
