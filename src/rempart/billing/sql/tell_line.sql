-- What: what a quote tells of one line, packed as the entry commits to it (docs/entry.md, "Quotes").
-- Charges or records: nothing; reads nothing.
-- Called by: billing.authorize.
-- Locks: none.
-- Round trips: none of its own.
create or replace function billing.tell_line(_amount integer, _units_left integer, _next_from date) returns bytea
language plpgsql immutable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return substr(array_send(array[
        int4send(_amount), int4send(_units_left), convert_to(_next_from::text, 'UTF8')]::bytea[]), 21);
end
$$;

comment on function billing.tell_line(integer, integer, date) is 'One line of a quote, as its entry has it. Pure.';
