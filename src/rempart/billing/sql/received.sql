-- What: claims as their insurer sees them: no name and no number of a person, but the reference that only he resolves.
-- Charges or records: nothing. Row-level security shows those of the insurer whose visit this is, and no others.
-- Called by: billing.list_received, billing.read_received.
-- Locks: none.
-- Round trips: none of its own. The most urgent first; no row for what is not this insurer's.
create or replace function billing.received(_claims bytea[])
returns table (
    claim_id bytea, state text, member_reference bytea, site text, domain text, care_on date, claimed_at timestamptz,
    amount_cents integer, lines jsonb, key_id bytea, sealed bytea, answer_by timestamptz, answer text, because text, answered_at timestamptz,
    settled text, settled_at timestamptz
)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select c.claim_id, c.state, e.member_reference, n.identifier, e.domain, e.care_on, c.made_at, c.amount_cents,
           l.lines, l.key_id, l.sealed, a.answer_by, a.answer, a.because, a.answered_at, s.outcome, s.settled_at
      from billing.answer a
           join billing.claim c on c.claim_id = a.claim_id
           join billing.engagement e on e.engagement_id = c.engagement_id
           left join billing.settlement s on s.claim_id = a.claim_id
           cross join lateral identity.site_name(c.site_id) as n
           cross join lateral billing.received_lines(c.claim_id) as l
     where a.claim_id = any (_claims)
     order by a.answer_by, a.claim_id
$$;

comment on function billing.received(bytea[]) is 'Claims as their insurer sees them.';
