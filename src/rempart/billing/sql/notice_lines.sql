-- What: the lines of a remittance notice: the claims that a transfer paid, whatever became of them since.
-- Charges or records: nothing.
-- Called by: billing.read_remittance, rempart_jobs (rempart pay notice).
-- Locks: none.
-- Round trips: one from the payment, none from the edge. The engagement's id: its number is an HMAC of it, made outside.
create or replace function billing.notice_lines(_end_to_end text)
returns table (claim_id bytea, engagement_id bytea, care_on date, claimed_at timestamptz, amount_cents integer, disputed boolean)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select l.claim_id, c.engagement_id, e.care_on, c.made_at, l.amount_cents, billing.is_disputed(l.claim_id)
      from billing.transfer t
           join billing.ledger l on l.batch_id = t.batch_id and l.site_id = t.site_id and l.step = 'batched'
           join billing.claim c on c.claim_id = l.claim_id
           join billing.engagement e on e.engagement_id = c.engagement_id
     where t.end_to_end = _end_to_end and t.state in ('paid', 'returned')
     order by c.made_at, l.claim_id
$$;

comment on function billing.notice_lines(text) is 'The claims that a transfer paid.';
