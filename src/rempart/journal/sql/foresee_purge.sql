-- What: counts what a run would erase if it began now.
-- Charges or records: nothing.
-- Called by: rempart_jobs (rempart purge --dry-run).
-- Locks: none; it reads the tables whole.
-- Round trips: one.
create or replace function journal.foresee_purge(_payload_months integer)
returns table (what text, policy text, before date, due bigint)
language sql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select l.what, l.policy, l.before,
           case l.what
               when 'cover' then (select count(*) from registry.coverage c where c.valid_to < l.before)
               when 'met' then (select count(*) from guard.met m where m.met_on < l.before)
               when 'payload' then (
                   select count(*)
                     from journal.payload p
                          join journal.entry e on e.entry_no = p.entry_no and e.recorded_at = p.recorded_at
                    where p.recorded_at < l.before and e.kind in ('answer', 'refusal', 'replay', 'exception'))
               when 'reference' then (select count(*) from journal.reference r where r.recorded_at < l.before)
               when 'staged' then (
                   select count(*)
                     from (select c.feed_id from registry.staged_coverage c
                           union all select r.feed_id from registry.staged_reference r) s
                    where s.feed_id <> all (array(
                              select w.feed_id from registry.feed_work w where w.worked_at >= l.before)))
               when 'departed' then (select count(*) from registry.departed d where d.left_on < l.before)
               when 'claim_line' then (select count(*) from billing.claim_line c where c.made_on < l.before)
               when 'sealed_lines' then (select count(*) from billing.sealed_lines c where c.made_on < l.before)
               when 'authorized_line' then (select count(*) from billing.authorized_line a where a.expires_on < l.before)
               when 'frequency_use' then (select count(*) from billing.frequency_use u where u.counts_until < l.before)
               when 'turned_cover' then (
                   select count(*) from registry.coverage c
                    where c.generation in (select g.generation from registry.index_generation g where g.ended_at < l.before))
               when 'turned_departed' then (
                   select count(*) from registry.departed d
                    where d.generation in (select g.generation from registry.index_generation g where g.ended_at < l.before))
               else (select count(*) from billing.spent_ibans(l.what, l.before))
           end
      from journal.purge_limits(clock_timestamp(), _payload_months) l
     order by l.place
$$;

comment on function journal.foresee_purge(integer) is 'What a run would erase now.';
