-- What: says that the mail about a feed has been taken by a mail server, or that there is nobody to write to.
-- Charges or records: the work is done.
-- Called by: rempart_intake, through intake/work.py.
-- Locks: the work's row of intake.job.
-- Round trips: one.
create or replace function intake.end_mail(_upload_id bigint)
returns boolean
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    delete from intake.job j where j.upload_id = _upload_id and j.kind = 'mail';
    return found;
end
$$;

comment on function intake.end_mail(bigint) is 'Ends the work of telling an insurer.';
