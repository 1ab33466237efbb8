-- What: whether an insurer rejected a claim that stands, and nobody settled that yet: it is paid all the same.
-- Charges or records: nothing.
-- Called by: billing.claim, billing.cancel_claim, billing.read_claim, billing.notice_lines, billing.became.
-- Locks: none.
-- Round trips: none of its own. Why it was rejected is for the operator and the insurer: a reason may tell of the person.
create or replace function billing.is_disputed(_claim_id bytea) returns boolean
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select exists (
        select from billing.answer a
               join billing.claim c on c.claim_id = a.claim_id
         where a.claim_id = _claim_id and a.answer = 'rejected' and c.state <> 'cancelled'
           and not exists (select from billing.settlement s where s.claim_id = a.claim_id))
$$;

comment on function billing.is_disputed(bytea) is 'Whether a claim that stands is in dispute.';
