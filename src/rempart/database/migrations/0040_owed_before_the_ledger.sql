-- What 0028 meant to do: claims that were taken before there was a ledger are owed. Row-level security hid them from it.
-- Only the migrator sees them from here.
reset role;

insert into billing.ledger (insurer_id, site_id, claim_id, step, debit, credit, amount_cents)
select c.insurer_id, c.site_id, c.claim_id, 'claimed', 'insurer', 'owed', c.amount_cents
from billing.claim as c
where
    -- One that was cancelled before there was a ledger was never in it; one that was cancelled since is.
    (c.state <> 'cancelled' or exists (
        select from billing.ledger as l where l.claim_id = c.claim_id and l.step = 'cancelled'
    ))
    and not exists (
        select from billing.ledger as l where l.claim_id = c.claim_id and l.step = 'claimed'
    );
