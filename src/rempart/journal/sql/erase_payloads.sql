-- What: erases payloads of the questions of long ago, some at a time; the one function that may. Their entries stay.
-- Charges or records: rows of journal.payload go; noted in the run that is open. Payloads of decisions and caps are kept.
-- Called by: rempart_jobs (rempart purge, rempart jobs).
-- Locks: the part's row, then the payloads that it erases, which nobody else locks.
-- Round trips: one a batch.
create or replace function journal.erase_payloads(_at_most integer) returns table (erased bigint, done boolean)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _turn record;
    _seen bigint[];
begin
    select * into _turn from journal.purge_turn('payload');
    erased := 0; done := true;
    if not found then
        return next;
        return;
    end if;
    select array_agg(w.entry_no)
      into _seen
      from (select p.entry_no from journal.payload p
             where p.entry_no > _turn.reached and p.recorded_at < _turn.before::timestamptz
             order by p.entry_no limit _at_most) as w;
    delete from journal.payload p
     using journal.entry e
     where p.entry_no = any (_seen) and p.recorded_at < _turn.before::timestamptz
       and e.entry_no = p.entry_no and e.recorded_at = p.recorded_at
       and e.kind in ('answer', 'refusal', 'replay', 'exception');
    get diagnostics erased = row_count;
    done := coalesce(cardinality(_seen), 0) < _at_most;
    perform journal.note_erased(
        _turn.purge_no, 'payload', erased, coalesce((select max(s.n) from unnest(_seen) as s (n)), _turn.reached), done);
    return next;
end
$$;

comment on function journal.erase_payloads(integer) is 'Erases payloads of questions past their time, some at a time.';
