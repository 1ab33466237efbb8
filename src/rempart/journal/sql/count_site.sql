-- What: how many questions each account of a site asked on each of the last seven whole days, by class of outcome; never about whom.
-- Charges or records: the proof.
-- Called by: rempart_edge (Site). The site is the session's, never a parameter.
-- Locks: those of identity.proved_reader.
-- Round trips: one. Whole days only: a count that moves with each question could tell. Refusals, as one row with denied: its own; not_administrator.
create or replace function journal.count_site(_token text, _jkt bytea, _proof_jti text)
returns table (
    on_day date, rpps text, name text, answered bigint, nothing_found bigint, better_evidence bigint, refused bigint, denied text
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
    _refused text;
begin
    select m.site_id, m.is_administrator, m.refused_because into strict _me
      from identity.proved_reader(_token, _jkt, _proof_jti) as m;
    _refused := coalesce(_me.refused_because, case when not _me.is_administrator then 'not_administrator' end);
    if _refused is not null then
        return query select null::date, null::text, null::text, null::bigint, null::bigint, null::bigint, null::bigint, _refused;
        return;
    end if;
    return query
    select p.recorded_at::date, a.rpps, a.name,
           count(*) filter (where p.outcome in ('covered', 'covered_on_request', 'agreed', 'nothing_agreed')),
           count(*) filter (where p.outcome = 'no_right_found'),
           count(*) filter (where p.outcome in ('better_evidence_needed', 'exception_possible')),
           count(*) filter (where p.outcome in ('', 'closed', 'insurer_not_served')), null::text
      from identity.accounts_at(_me.site_id) as a
      join journal.payload p on p.account_id = a.account_id
     where p.recorded_at >= (current_date - 7)::timestamptz and p.recorded_at < current_date::timestamptz
     group by 1, 2, 3
     order by 1 desc, 3, 2;
end
$$;

comment on function journal.count_site(text, bytea, text) is 'Questions of a site by person and whole day, to its administrator.';
