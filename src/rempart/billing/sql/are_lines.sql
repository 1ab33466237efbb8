-- What: whether lines are whole and of a size that an edge may send.
-- Charges or records: nothing; reads nothing.
-- Called by: rights.ask_batch.
-- Locks: none.
-- Round trips: none of its own.
create or replace function billing.are_lines(_lines billing.line[]) returns boolean
language plpgsql immutable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return cardinality(_lines) between 1 and 40
       and (select bool_and(coalesce(l.quantity between 1 and 999 and l.price_cents between 0 and 10000000
                                     and l.base_cents between 0 and 10000000 and l.category is not null
                                     and l.obligatory_cents between 0 and 10000000, false))
              from unnest(_lines) l);
end
$$;

comment on function billing.are_lines(billing.line[]) is 'Whether these are 1 to 40 lines with every field. Pure.';
