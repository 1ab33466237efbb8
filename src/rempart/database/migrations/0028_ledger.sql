-- The ledger: every cent that is owed, by moves between accounts that are never changed.
set role rempart_owner;

create table billing.ledger (
    move_no bigint generated always as identity primary key,
    moved_at timestamptz not null default clock_timestamp(),
    insurer_id bigint not null,
    site_id bigint not null,
    claim_id bytea not null,
    batch_id bigint,
    step text not null,
    debit text not null,
    credit text not null,
    amount_cents integer not null check (amount_cents > 0),
    constraint ledger_knows_its_moves check (
        (step, debit, credit) in (
            ('claimed', 'insurer', 'owed'),
            ('cancelled', 'owed', 'insurer'),
            ('batched', 'owed', 'in_batch'),
            ('paid', 'in_batch', 'bank')
        )
    ),
    constraint ledger_batch_is_named check ((step in ('batched', 'paid')) = (batch_id is not null)),
    -- No amount twice: a claim takes each step once.
    constraint ledger_once unique nulls not distinct (claim_id, step, batch_id)
);
comment on table billing.ledger is 'Double entry: each row takes an amount from one account and gives it to another, so each balances by itself. Rows are added, never changed.';
comment on column billing.ledger.move_no is 'Ours.';
comment on column billing.ledger.moved_at is 'When.';
comment on column billing.ledger.insurer_id is 'Whose money: the claim''s insurer.';
comment on column billing.ledger.site_id is 'Who is to have it: the claim''s site.';
comment on column billing.ledger.claim_id is 'For which claim.';
comment on column billing.ledger.batch_id is 'In which payment batch, from then on.';
comment on column billing.ledger.step is 'What happened to the claim.';
comment on column billing.ledger.debit is 'Account that gives: insurer, owed, in_batch or bank.';
comment on column billing.ledger.credit is 'Account that gets.';
comment on column billing.ledger.amount_cents is 'How much.';

-- Claims taken before there was a ledger are owed too.
insert into billing.ledger (insurer_id, site_id, claim_id, step, debit, credit, amount_cents)
select c.insurer_id, c.site_id, c.claim_id, 'claimed', 'insurer', 'owed', c.amount_cents
from billing.claim as c
where c.state = 'accepted';
