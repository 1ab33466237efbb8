-- What: lists the feeds that would have given members other references and got the operator's word in the last days: which, whose and when.
-- Charges or records: nothing; looks at one insurer after another, each as the tenant of its own rows.
-- Called by: rempart_desk, through intake/renaming.py.
-- Locks: a row of intake.visit of its own.
-- Round trips: one. In no order: the caller has it.
create or replace function intake.list_answered(_days integer)
returns table (
    amc text, name text, state text, renamed bigint, word text, said_by text, said_at timestamptz
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
    for _insurer_id in select i.insurer_id from registry.insurer i order by 1 loop
        insert into intake.visit (insurer_id) values (_insurer_id);
        return query
        select registry.amc_of(u.insurer_id), u.name, u.state, u.renamed, w.word, w.said_by, w.said_at
          from intake.upload u
               cross join lateral (values ('go-ahead', u.gone_ahead_by, u.gone_ahead_at),
                                          ('refused', u.refused_by, u.refused_at)) as w (word, said_by, said_at)
         where u.insurer_id = _insurer_id and w.said_at::date > current_date - _days;
        delete from intake.visit v where v.work_xid = pg_current_xact_id();
    end loop;
end
$$;

comment on function intake.list_answered(integer) is 'Feeds that got the operator''s word on other references, and whose it was.';
