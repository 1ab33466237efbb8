-- What: erases lines of claims older than six months, sealed or not, of prises en charge as long over, frequency that counts no more, counts of refusals.
-- Charges or records: rows of billing.claim_line, sealed_lines, authorized_line, frequency_use and claim_refusal go. What was owed and paid stays with the claim.
-- Called by: rempart_jobs (rempart purge, rempart jobs).
-- Locks: rows that nobody holds; nothing else locks a line that is so old (billing.sealable_since), and a frequency that somebody holds is passed over.
-- Round trips: one a batch.
create or replace function billing.erase_lines(_at_most integer) returns table (erased bigint, done boolean)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _count bigint;
    _before date := (current_date - interval '6 months')::date;
begin
    delete from billing.claim_line l
     where l.ctid = any (array(select o.ctid from billing.claim_line o where o.made_on < _before limit _at_most));
    get diagnostics erased = row_count;
    done := erased < _at_most;
    delete from billing.sealed_lines l
     where l.ctid = any (array(select o.ctid from billing.sealed_lines o where o.made_on < _before limit _at_most));
    get diagnostics _count = row_count;
    done := done and _count < _at_most;
    erased := erased + _count;
    delete from billing.authorized_line l
     where l.ctid = any (array(select o.ctid from billing.authorized_line o where o.expires_on < _before limit _at_most));
    get diagnostics _count = row_count;
    done := done and _count < _at_most;
    erased := erased + _count;
    delete from billing.frequency_use u
     -- Passed over when somebody holds them: of a short frequency, the prise en charge may be cancelled or amended at this moment.
     where u.ctid = any (array(select o.ctid from billing.frequency_use o where o.counts_until < current_date - 31
                                limit _at_most for update skip locked));
    get diagnostics _count = row_count;
    done := done and _count < _at_most;
    erased := erased + _count;
    delete from billing.claim_refusal r where r.minute < _before::timestamptz;
    return next;
end
$$;

comment on function billing.erase_lines(integer) is 'Erases what was delivered, six months after the claim.';
