-- What: what insurers owe and dispute: every claim that was rejected, stands and is not settled; or those that were, with how and by whom.
-- Charges or records: nothing.
-- Called by: rempart_jobs (rempart ledger disputed).
-- Locks: none.
-- Round trips: one. In the order of their answers. The member's reference is opaque: only the insurer resolves it.
create or replace function billing.list_disputed(_amc text, _settled boolean)
returns table (
    amc text, claim_id bytea, state text, member_reference bytea, site text, domain text, care_on date, amount_cents integer,
    because text, answered_at timestamptz, settled text, settled_at timestamptz, settled_by text, reason text
)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select registry.amc_of(a.insurer_id), a.claim_id, c.state, e.member_reference, n.identifier, e.domain, e.care_on,
           c.amount_cents, a.because, a.answered_at, s.outcome, s.settled_at, s.author, s.reason
      from billing.answer a
           join billing.claim c on c.claim_id = a.claim_id
           join billing.engagement e on e.engagement_id = c.engagement_id
           left join billing.settlement s on s.claim_id = a.claim_id
           cross join lateral identity.site_name(c.site_id) as n
     where a.answer = 'rejected' and c.state <> 'cancelled'
       and (s.claim_id is not null) = _settled
       and (_amc is null or registry.amc_of(a.insurer_id) = _amc)
     order by a.answered_at, a.claim_id
$$;

comment on function billing.list_disputed(text, boolean) is 'What insurers owe and dispute, or what became of it.';
