-- What: one payment to the token's own site, with a row for each claim that it paid.
-- Charges or records: nothing but the proof.
-- Called by: rempart_edge, through billing/remittances.py.
-- Locks: as billing.enter.
-- Round trips: one. Refusals: as billing.enter; remittance_unknown: none of this site's, or not paid yet.
create or replace function billing.read_remittance(_token text, _jkt bytea, _proof_jti text, _remittance text)
returns table (
    refused_because text, remittance text, paid_at timestamptz, insurer text, amount_cents bigint, claims integer,
    state text, reason text, last_four text, claim_id bytea, engagement_id bytea, care_on date, claimed_at timestamptz,
    line_cents integer, disputed boolean
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _site bigint;
begin
    select e.refused_because, e.site_id into refused_because, _site from billing.enter(_token, _jkt, _proof_jti) e;
    if refused_because is null
       and not exists (select from billing.transfer t
                        where t.end_to_end = _remittance and t.site_id = _site and t.state in ('paid', 'returned')) then
        refused_because := 'remittance_unknown';
    end if;
    if refused_because is not null then
        return next;
        return;
    end if;
    return query
    select null, n.remittance, n.paid_at, n.insurer, n.amount_cents, n.claims, n.state, n.reason, n.last_four,
           l.claim_id, l.engagement_id, l.care_on, l.claimed_at, l.amount_cents, l.disputed
      from billing.notice(_remittance) as n
           cross join lateral billing.notice_lines(_remittance) as l;
end
$$;

comment on function billing.read_remittance(text, bytea, text, text) is 'One payment to a site, claim by claim.';
