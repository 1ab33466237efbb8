-- What: erases sealed IBANs that nothing is paid to any more: cancelled a month ago, or replaced thirteen months ago.
-- Charges or records: billing.bank_detail.sealed becomes null, noted in the run that is open; its last four and its dates stay, since payments name it.
-- Called by: rempart_jobs (rempart purge, rempart jobs).
-- Locks: the part's row, then rows of billing.bank_detail that nobody holds; they are past every change.
-- Round trips: one a batch. Row-level security says the same periods, and keeps what a file may still have to be made from.
create or replace function billing.erase_ibans(_at_most integer) returns table (erased bigint, done boolean)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _what text;
    _turn record;
    _count bigint;
begin
    erased := 0; done := true;
    foreach _what in array array['cancelled_iban', 'replaced_iban'] loop
        select * into _turn from journal.purge_turn(_what);
        continue when not found;
        update billing.bank_detail b set sealed = null
         where b.detail_id = any (array(
                   select o.detail_id from billing.bank_detail o
                    where o.detail_id in (select billing.spent_ibans(_what, _turn.before))
                    limit _at_most for update of o skip locked));
        get diagnostics _count = row_count;
        perform journal.note_erased(_turn.purge_no, _what, _count, 0, _count < _at_most);
        erased := erased + _count;
        done := done and _count < _at_most;
    end loop;
    return next;
end
$$;

comment on function billing.erase_ibans(integer) is 'Erases sealed IBANs that are no longer paid to.';
