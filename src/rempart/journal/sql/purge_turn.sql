-- What: takes a turn at one part of the open run: until which date, and how far it is. No row: nothing is left to do there.
-- Charges or records: nothing.
-- Called by: registry.erase_covers, registry.erase_staged, registry.erase_departed, registry.erase_generation, guard.erase_met, journal.erase_payloads, journal.erase_references, billing.erase_lines, billing.erase_ibans.
-- Locks: the part's row: whoever else erases the same waits, for one batch.
-- Round trips: none of its own.
create or replace function journal.purge_turn(_what text)
returns table (purge_no bigint, before date, reached bigint)
language sql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select t.purge_no, t.before, t.reached
      from journal.purge_part t
     where t.what = _what and not t.done
       and t.purge_no = (select p.purge_no from journal.purge p where p.closed_no is null)
       for no key update of t
$$;

comment on function journal.purge_turn(text) is 'Takes a turn at one part of the run that is open.';
