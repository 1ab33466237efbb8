-- What: moves the amounts of many claims from one account to another, each by a row of its own.
-- Charges or records: a row of billing.ledger for each; a step taken already in this batch is refused by its unique key.
-- Called by: billing.open_batch, billing.confirm_batch, billing.settle_batch, billing.take_return.
-- Locks: the unique keys (claim, step, batch); the caller holds the claims.
-- Round trips: none of its own.
create or replace function billing.move_all(_batch bigint, _claims bytea[], _step text, _debit text, _credit text) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    insert into billing.ledger (insurer_id, site_id, claim_id, batch_id, step, debit, credit, amount_cents)
    select c.insurer_id, c.site_id, c.claim_id, _batch, _step, _debit, _credit, c.amount_cents
      from billing.claim c
     where c.claim_id = any (_claims)
     order by c.claim_id;
end
$$;

comment on function billing.move_all(bigint, bytea[], text, text, text) is 'One move for each of many claims in the ledger.';
