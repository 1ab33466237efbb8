-- What: deletes what can no longer open or refuse anything: dead tokens, codes and invitations, letters printed, identifiers older than what they guard.
-- Charges or records: nothing; answers how many rows went.
-- Called by: the jobs (role rempart_jobs), a few times an hour.
-- Locks: the rows that it deletes, which nobody else locks any more.
-- Round trips: one. Margins: proofs live 5 minutes, kept 3 hours, so that a clock an hour wrong and put right opens none again.
create or replace function identity.sweep()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _now timestamptz := clock_timestamp();
    _rows bigint;
    _total bigint := 0;
begin
    delete from identity.proof_jti as p where p.seen_at < _now - interval '3 hours';
    get diagnostics _rows = row_count;
    _total := _total + _rows;
    -- An assertion is accepted up to a day before and a day after our time; kept for three.
    delete from identity.assertion_jti as j where j.seen_at < _now - interval '3 days';
    get diagnostics _rows = row_count;
    _total := _total + _rows;
    delete from identity.token as t where t.expires_at < _now - interval '1 day';
    get diagnostics _rows = row_count;
    _total := _total + _rows;
    delete from identity.enrolment_code as c where c.expires_at < _now - interval '30 days';
    get diagnostics _rows = row_count;
    _total := _total + _rows;
    delete from identity.invitation as v where v.expires_at < _now - interval '30 days';
    get diagnostics _rows = row_count;
    _total := _total + _rows;
    delete from identity.letter as l where l.taken_at < _now - interval '30 days';
    get diagnostics _rows = row_count;
    return _total + _rows;
end;
$$;

comment on function identity.sweep() is 'Deletes expired tokens, codes and invitations, letters long printed, and used identifiers older than what they guard.';
