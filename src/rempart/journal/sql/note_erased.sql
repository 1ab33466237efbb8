-- What: notes what a batch erased, and how far it came.
-- Charges or records: the part's row, in the transaction that erased.
-- Called by: registry.erase_covers, registry.erase_staged, registry.erase_departed, guard.erase_met, journal.erase_payloads, journal.erase_references, billing.erase_lines, billing.erase_ibans.
-- Locks: the part's row, which the caller holds.
-- Round trips: none of its own.
create or replace function journal.note_erased(_purge_no bigint, _what text, _erased bigint, _reached bigint, _done boolean)
returns void
language sql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    update journal.purge_part t
       set erased = t.erased + _erased, reached = _reached, done = _done
     where t.purge_no = _purge_no and t.what = _what
$$;

comment on function journal.note_erased(bigint, text, bigint, bigint, boolean) is 'Notes what a batch erased.';
