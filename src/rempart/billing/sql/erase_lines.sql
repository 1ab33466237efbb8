-- What: erases lines of claims, sealed or not, lines of prises en charge that are over, frequency that counts no more; counts of refusals as old.
-- Charges or records: rows of billing.claim_line, sealed_lines, authorized_line, frequency_use and claim_refusal go; but for the last, noted in the run that is open.
-- Called by: rempart_jobs (rempart purge, rempart jobs).
-- Locks: the part's row, then rows that nobody holds; nothing else locks a line that is so old (billing.sealable_since), and a frequency that somebody holds is passed over.
-- Round trips: one a batch. What was owed and paid stays with the claim.
create or replace function billing.erase_lines(_at_most integer) returns table (erased bigint, done boolean)
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
    foreach _what in array array['claim_line', 'sealed_lines', 'authorized_line', 'frequency_use'] loop
        select * into _turn from journal.purge_turn(_what);
        continue when not found;
        case _what
            when 'claim_line' then
                delete from billing.claim_refusal r where r.minute < _turn.before::timestamptz;
                delete from billing.claim_line l
                 where l.ctid = any (array(
                           select o.ctid from billing.claim_line o where o.made_on < _turn.before limit _at_most));
            when 'sealed_lines' then
                delete from billing.sealed_lines l
                 where l.ctid = any (array(
                           select o.ctid from billing.sealed_lines o where o.made_on < _turn.before limit _at_most));
            when 'authorized_line' then
                delete from billing.authorized_line l
                 where l.ctid = any (array(
                           select o.ctid from billing.authorized_line o where o.expires_on < _turn.before limit _at_most));
            when 'frequency_use' then
                -- Passed over when somebody holds them: of a short frequency, the prise en charge may be cancelled or amended at this moment.
                delete from billing.frequency_use u
                 where u.ctid = any (array(
                           select o.ctid from billing.frequency_use o where o.counts_until < _turn.before
                            limit _at_most for update skip locked));
        end case;
        get diagnostics _count = row_count;
        perform journal.note_erased(_turn.purge_no, _what, _count, 0, _count < _at_most);
        erased := erased + _count;
        done := done and _count < _at_most;
    end loop;
    return next;
end
$$;

comment on function billing.erase_lines(integer) is 'Erases what was delivered or agreed to, six months after, and frequency that counts no more.';
