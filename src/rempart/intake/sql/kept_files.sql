-- What: lists the feeds whose file is still needed, and that there is none other.
-- Charges or records: nothing.
-- Called by: rempart_intake, through intake/work.py, to delete every other file.
-- Locks: none.
-- Round trips: one.
create or replace function intake.kept_files()
returns table (upload_id bigint)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query select j.upload_id from intake.job j where j.kind in ('import', 'expire');
end
$$;

comment on function intake.kept_files() is 'Feeds whose file in the spool folder is still needed.';
