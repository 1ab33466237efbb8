-- A dispute ends: its insurer withdraws the rejection, or the operator bears what was paid. A word for each, kept for ever.
set role rempart_owner;

create table billing.settlement (
    claim_id bytea primary key check (octet_length(claim_id) = 16),
    insurer_id bigint not null,
    outcome text not null check (outcome in ('withdrawn', 'upheld')),
    settled_at timestamptz not null,
    author text not null check (author ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$'),
    reason text not null check (char_length(reason) between 1 and 200)
);
comment on table billing.settlement is 'How a dispute over a rejected claim ended: once for each. Rows are added, never changed.';
comment on column billing.settlement.claim_id is 'Which claim: one that its insurer rejected.';
comment on column billing.settlement.insurer_id is 'The claim''s insurer; row-level security shows a transaction those of one.';
comment on column billing.settlement.outcome is 'withdrawn: the insurer owes it like any other; upheld: the operator bears it.';
comment on column billing.settlement.settled_at is 'When.';
comment on column billing.settlement.author is 'Who says so.';
comment on column billing.settlement.reason is 'Why, in words that name nobody.';

-- What the operator bears stands in an account of its own.
-- squawk-ignore ban-drop-constraint
alter table billing.ledger drop constraint ledger_knows_its_moves;
-- squawk-ignore constraint-missing-not-valid
alter table billing.ledger add constraint ledger_knows_its_moves check (
    (step, debit, credit) in (
        ('claimed', 'insurer', 'owed'),
        ('rejected', 'disputed', 'insurer'),
        ('withdrawn', 'insurer', 'disputed'),
        ('upheld', 'operator', 'disputed'),
        ('cancelled', 'owed', 'insurer'),
        ('cancelled', 'owed', 'disputed'),
        ('cancelled', 'owed', 'operator'),
        ('batched', 'owed', 'in_batch'),
        ('paid', 'in_batch', 'bank'),
        ('returned', 'bank', 'owed')
    )
);
comment on column billing.ledger.debit is 'Account that gives: insurer, disputed, operator, owed, in_batch or bank.';
-- What an insurer is debited no more, for its statements.
-- squawk-ignore require-concurrent-index-creation
create index ledger_upheld on billing.ledger (insurer_id, moved_at) where step = 'upheld';
