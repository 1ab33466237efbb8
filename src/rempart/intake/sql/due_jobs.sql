-- What: lists the work that is due, oldest first, by number alone.
-- Charges or records: nothing.
-- Called by: rempart_intake, through intake/work.py.
-- Locks: none.
-- Round trips: one.
create or replace function intake.due_jobs(_kinds text[], _at_most integer)
returns table (upload_id bigint, kind text, attempts integer)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select j.upload_id, j.kind, j.attempts
      from intake.job j
     where j.kind = any (_kinds) and j.due_at <= clock_timestamp()
     order by j.due_at, j.upload_id
     limit _at_most;
end
$$;

comment on function intake.due_jobs(text[], integer) is 'Work that is due.';
