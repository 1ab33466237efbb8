-- What: lists the feeds that would give members other references, and wait for the operator's word.
-- Charges or records: nothing; looks at one insurer after another, each as the tenant of its own rows.
-- Called by: rempart_desk, through intake/renaming.py.
-- Locks: a row of intake.visit of its own.
-- Round trips: one.
create or replace function intake.list_waiting()
returns table (
    amc text, name text, waits_since timestamptz, before bigint, ended bigint, after bigint, mapped bigint, renamed bigint
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint;
begin
    -- Whatever waits has work left: to be given up one day.
    for _insurer_id in select distinct j.insurer_id from intake.job j where j.kind = 'expire' order by 1 loop
        insert into intake.visit (insurer_id) values (_insurer_id);
        return query
        select registry.amc_of(u.insurer_id), u.name, u.worked_at, u.before, u.ended, u.after, u.mapped, u.renamed
          from intake.upload u
         where u.insurer_id = _insurer_id and u.state = 'needs_go_ahead';
        delete from intake.visit v where v.work_xid = pg_current_xact_id();
    end loop;
end
$$;

comment on function intake.list_waiting() is 'Feeds that wait for the operator''s word before members get other references.';
