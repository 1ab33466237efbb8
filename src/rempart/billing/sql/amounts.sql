-- What: what a guarantee promises for each line of a claim, in cents, in the order of the lines (docs/money.md).
-- Charges or records: nothing; reads nothing.
-- Called by: billing.claim, billing.agreed_amounts, billing.authorize, billing.try_plan.
-- Locks: none.
-- Round trips: none of its own.
create or replace function billing.amounts(_guarantee billing.rule, _rules billing.rule[], _lines billing.line[])
returns integer[]
language plpgsql immutable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _amounts integer[] := '{}';
    -- What the guarantee has left, line after line; null: without limit.
    _fixed_left bigint := coalesce(_guarantee.amount_cents, 0);
    _ceiling_left bigint := _guarantee.ceiling_cents;
    _line billing.line;
    _own billing.rule;
    _due bigint;
    _fixed bigint;
    _open bigint;
begin
    foreach _line in array _lines loop
        select r.* into _own from unnest(_rules) as r where r.category = _line.category;
        -- 1. The rate counts both parts together: what the obligatory insurance pays is taken off. Half a cent counts up.
        _due := greatest(0, (coalesce(_own.rate_bp, case when _own.category is null then _guarantee.rate_bp end, 0)::bigint
                             * _line.base_cents + 5000) / 10000 - _line.obligatory_cents);
        -- 2. Never more than is left to pay, nor than the ceilings leave.
        _open := greatest(0, _line.price_cents - _line.obligatory_cents);
        _open := least(_open, _ceiling_left, _own.ceiling_cents::bigint * _line.quantity);
        _due := least(_due, _open);
        -- 3. A fixed amount comes on top: for each unit of a category, or once for all the lines without a rule of their own.
        _fixed := least(_open - _due, case when _own.category is null then _fixed_left
                                           else coalesce(_own.amount_cents, 0)::bigint * _line.quantity end);
        if _own.category is null then
            _fixed_left := _fixed_left - _fixed;
        end if;
        _ceiling_left := _ceiling_left - _due - _fixed;
        _amounts := _amounts || (_due + _fixed)::integer;
    end loop;
    return _amounts;
end
$$;

comment on function billing.amounts(billing.rule, billing.rule[], billing.line[]) is 'What a guarantee promises for each line, in cents. Pure.';
