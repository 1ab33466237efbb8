-- What: the head of a remittance notice: one transfer that was paid, or that the bank returned since.
-- Charges or records: nothing.
-- Called by: billing.list_remittances, billing.read_remittance, rempart_jobs (rempart pay notice).
-- Locks: none.
-- Round trips: one from the payment, none from the others. No row: no such transfer, or not paid yet.
create or replace function billing.notice(_end_to_end text)
returns table (
    remittance text, paid_at timestamptz, insurer text, amount_cents bigint, claims integer, state text, reason text,
    last_four text, site text
)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select t.end_to_end, b.paid_at, registry.amc_of(b.insurer_id), t.amount_cents, t.claims, t.state, t.reason, d.last_four,
           n.identifier
      from billing.transfer t
           join billing.batch b on b.batch_id = t.batch_id
           join billing.bank_detail d on d.detail_id = t.detail_id
           cross join lateral identity.site_name(t.site_id) as n
     where t.end_to_end = _end_to_end and t.state in ('paid', 'returned')
$$;

comment on function billing.notice(text) is 'The head of a remittance notice.';
