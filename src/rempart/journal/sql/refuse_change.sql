-- What: refuses UPDATE, DELETE and TRUNCATE of entries, even to the tables' owner.
-- Charges or records: nothing.
-- Called by: triggers on journal.entry and each of its months.
-- Locks: none.
-- Round trips: none of its own.
create or replace function journal.refuse_change() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    raise exception 'an entry of the journal is never changed' using errcode = 'RP100';
end
$$;

comment on function journal.refuse_change() is 'Entries never change.';
