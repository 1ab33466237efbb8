-- What: puts a piece of work off.
-- Charges or records: when it is due, and that it was tried.
-- Called by: rempart_intake, through intake/work.py.
-- Locks: the work's row of intake.job.
-- Round trips: one.
create or replace function intake.put_off(_upload_id bigint, _kind text, _for interval)
returns boolean
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    update intake.job j set due_at = clock_timestamp() + _for, attempts = j.attempts + 1
     where j.upload_id = _upload_id and j.kind = _kind;
    return found;
end
$$;

comment on function intake.put_off(bigint, text, interval) is 'Puts a piece of work off.';
