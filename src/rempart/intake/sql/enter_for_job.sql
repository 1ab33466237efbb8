-- What: makes a feed's insurer the tenant of this transaction, for work on it that is left to do.
-- Charges or records: a row of intake.visit.
-- Called by: intake.begin_job, intake.end_import, intake.end_mail, intake.give_up.
-- Locks: the work's row of intake.job.
-- Round trips: none of its own. NULL: no such work is left.
create or replace function intake.enter_for_job(_upload_id bigint, _kind text)
returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint;
begin
    select j.insurer_id into _insurer_id from intake.job j
     where j.upload_id = _upload_id and j.kind = _kind for no key update;
    if found then
        insert into intake.visit (insurer_id) values (_insurer_id);
    end if;
    return _insurer_id;
end
$$;

comment on function intake.enter_for_job(bigint, text) is 'The insurer of a feed with work left, from here on the tenant of this transaction; NULL when there is none.';
