-- What: moves a claim's amount from one account to another: one row that balances by itself.
-- Charges or records: one row of billing.ledger; a step that was taken already is refused by its unique key.
-- Called by: billing.claim, billing.take_back, billing.settle_dispute.
-- Locks: the unique key (claim, step, batch); the caller holds the claim.
-- Round trips: none of its own.
create or replace function billing.move(_claim billing.claim, _step text, _debit text, _credit text) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    insert into billing.ledger (insurer_id, site_id, claim_id, step, debit, credit, amount_cents)
    values (_claim.insurer_id, _claim.site_id, _claim.claim_id, _step, _debit, _credit, _claim.amount_cents);
end
$$;

comment on function billing.move(billing.claim, text, text, text) is 'One move of a claim''s amount in the ledger.';
