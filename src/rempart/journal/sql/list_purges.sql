-- What: the newest runs that erased, first of all one that is not finished.
-- Charges or records: nothing.
-- Called by: rempart_jobs (rempart purge list, and the schedule).
-- Locks: none.
-- Round trips: one.
create or replace function journal.list_purges(_limit integer)
returns table (purge_no bigint, opened_at timestamptz, author text, closed_no bigint, closed_at timestamptz, parts jsonb)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select p.purge_no, p.opened_at, p.author, p.closed_no, p.closed_at,
           (select jsonb_agg(jsonb_build_object(
                       'what', t.what, 'policy', t.policy, 'before', t.before, 'erased', t.erased) order by t.place)
              from journal.purge_part t where t.purge_no = p.purge_no)
      from journal.purge p
     order by p.purge_no desc
     limit least(_limit, 1000)
$$;

comment on function journal.list_purges(integer) is 'The newest runs that erased.';
