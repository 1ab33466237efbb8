-- What: an account's own questions to its owner, newest first: time, domain, outcome, receipt and engagement, never whom.
-- Charges or records: the proof.
-- Called by: rempart_edge (My activity). The account is the session's, never a parameter.
-- Locks: those of identity.proved_reader.
-- Round trips: one. At most 51 rows of at most 93 days; a refusal is one row with denied. An engagement stands at its first telling only: twice would link two questions.
create or replace function journal.list_own(
    _token text, _jkt bytea, _proof_jti text, _from date, _to date, _domain text, _outcome text,
    _before_at timestamptz, _before bytea
)
returns table (
    recorded_at timestamptz, receipt bytea, kind text, domain text, outcome text, refused_because text,
    tally integer, engagement_id bytea, told_before boolean, denied text
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
    _first_at timestamptz := _from::timestamptz;
    _end_at timestamptz := (_to + 1)::timestamptz;
begin
    if (_from <= _to and _to - _from <= 92 and (_before_at is null) = (_before is null)) is not true then
        raise exception 'a list spans at most 93 days' using errcode = 'RP001';
    end if;
    select m.account_id, m.refused_because into strict _me from identity.proved_reader(_token, _jkt, _proof_jti) as m;
    if _me.refused_because is not null then
        return query select null::timestamptz, null::bytea, null::text, null::text, null::text, null::text,
                            null::integer, null::bytea, null::boolean, _me.refused_because;
        return;
    end if;
    return query
    with page as materialized (
        select p.recorded_at, e.receipt, e.kind, p.domain, p.outcome, p.refused_because, e.tally, p.engagement_id
          from journal.payload p
          join journal.entry e on e.entry_no = p.entry_no and e.recorded_at = p.recorded_at
         where p.account_id = _me.account_id
           and p.recorded_at >= _first_at and p.recorded_at < _end_at
           and p.recorded_at <= coalesce(_before_at, 'infinity')
           and e.recorded_at >= _first_at and e.recorded_at < _end_at
           and (_before_at is null or p.recorded_at < _before_at or e.receipt < _before)
           and (_domain is null or p.domain = _domain)
           and (_outcome is null or p.outcome = case _outcome when 'refused' then '' else _outcome end)
         order by p.recorded_at desc, e.receipt desc
         limit 51
    ), told as (
        -- Care dates reach 31 days back and ahead, so one guarantee is told within twice that.
        select q.engagement_id, min(q.recorded_at) as at
          from journal.payload q
         where q.account_id = _me.account_id
           and q.engagement_id = any (array(select g.engagement_id from page g where g.engagement_id is not null))
           and q.recorded_at >= (select min(g.recorded_at) from page g) - interval '63 days'
           and q.recorded_at <= (select max(g.recorded_at) from page g)
         group by q.engagement_id
    )
    select g.recorded_at, g.receipt, g.kind, g.domain, g.outcome, g.refused_because, g.tally,
           case when t.at = g.recorded_at then g.engagement_id end, coalesce(t.at < g.recorded_at, false), null::text
      from page g
      left join told t on t.engagement_id = g.engagement_id
     order by g.recorded_at desc, g.receipt desc;
end
$$;

comment on function journal.list_own(text, bytea, text, date, date, text, text, timestamptz, bytea) is 'One page of an account''s own questions, to its live session''s own key.';
