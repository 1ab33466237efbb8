-- What: the exceptions of a site in the last 30 days, from the journal: when, who asked, why; never about whom.
-- Charges or records: nothing.
-- Called by: rights.list_exceptions.
-- Locks: none.
-- Round trips: none of its own. The latest first.
create or replace function journal.exceptions_of(_site bigint)
returns table (recorded_at timestamptz, professional text, evidence text)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select p.recorded_at, p.professional, p.evidence
      from journal.site_exception x
      join journal.payload p on p.entry_no = x.entry_no and p.recorded_at = x.recorded_at
     where x.site_id = _site
       and x.recorded_at > statement_timestamp() - interval '30 days'
       -- Partitions outside are not even opened.
       and p.recorded_at > statement_timestamp() - interval '30 days'
     order by x.entry_no desc;
end
$$;

comment on function journal.exceptions_of(bigint) is 'A site''s exceptions of the last 30 days.';
