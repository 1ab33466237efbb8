-- Payments: a batch for each insurer and day, one transfer in it for each payee, and what the bank sent back.
set role rempart_owner;

create table billing.batch (
    batch_id bigint generated always as identity primary key,
    insurer_id bigint not null,
    on_day date not null,
    message text not null unique check (message ~ '^RP[0-9a-f]{32}$'),
    made_at timestamptz not null,
    file_digest bytea check (octet_length(file_digest) = 32),
    paid_at timestamptz,
    unique (insurer_id, on_day),
    constraint batch_is_paid_by_its_file check (paid_at is null or file_digest is not null)
);
comment on table billing.batch is 'What is paid for an insurer on a day, in one file.';
comment on column billing.batch.batch_id is 'Ours; the ledger names it.';
comment on column billing.batch.insurer_id is 'Whose claims.';
comment on column billing.batch.on_day is 'The day in Paris: an insurer has one batch a day.';
comment on column billing.batch.message is 'What the bank calls the file: random.';
comment on column billing.batch.made_at is 'When it was made: the file says this and no other time, so that it can be made again to the byte.';
comment on column billing.batch.file_digest is 'SHA-256 of the file, once there is one: there is never another.';
comment on column billing.batch.paid_at is 'When somebody said that the bank has the file.';

create table billing.transfer (
    transfer_id bigint generated always as identity primary key,
    batch_id bigint not null references billing.batch,
    site_id bigint not null,
    detail_id bigint not null references billing.bank_detail,
    end_to_end text not null unique check (end_to_end ~ '^RP[0-9a-f]{32}$'),
    claims integer not null check (claims > 0),
    amount_cents bigint not null check (amount_cents between 1 and 99999999999),
    state text not null check (state in ('batched', 'paid', 'returned')),
    returned_at timestamptz,
    reason text check (reason ~ '^[A-Z0-9]{1,4}$'),
    -- One payee, one transfer: never two in a batch.
    unique (batch_id, site_id),
    check ((state = 'returned') = (returned_at is not null and reason is not null))
);
comment on table billing.transfer is 'One payee''s sum in a batch. Which claims it pays, the ledger says: those of this batch and this site.';
comment on column billing.transfer.transfer_id is 'Ours.';
comment on column billing.transfer.batch_id is 'In which batch.';
comment on column billing.transfer.site_id is 'To whom.';
comment on column billing.transfer.detail_id is 'To which bank detail: the one in force when the batch was made.';
comment on column billing.transfer.end_to_end is 'What the payee''s statement shows, and what the bank names it by: random, nothing of anybody.';
comment on column billing.transfer.claims is 'How many claims.';
comment on column billing.transfer.amount_cents is 'Their sum.';
comment on column billing.transfer.state is 'batched, paid, or returned by the bank.';
comment on column billing.transfer.returned_at is 'When we learned that the bank returned it.';
comment on column billing.transfer.reason is 'Why, as the bank''s code says.';
-- squawk-ignore require-concurrent-index-creation
create index transfer_of_a_site on billing.transfer (site_id, transfer_id);
-- squawk-ignore require-concurrent-index-creation
create index transfer_returned on billing.transfer (detail_id) where state = 'returned';

-- What is to be paid, by payee; and what a batch paid to a payee.
-- squawk-ignore require-concurrent-index-creation
create index claim_to_pay on billing.claim (insurer_id, site_id) where state in ('accepted', 'returned');
-- squawk-ignore require-concurrent-index-creation
create index ledger_of_a_batch on billing.ledger (batch_id, site_id) where batch_id is not null;

-- The bank may send money back: then it is owed again.
-- squawk-ignore ban-drop-constraint
alter table billing.ledger drop constraint ledger_knows_its_moves;
-- squawk-ignore constraint-missing-not-valid
alter table billing.ledger add constraint ledger_knows_its_moves check (
    (step, debit, credit) in (
        ('claimed', 'insurer', 'owed'),
        ('cancelled', 'owed', 'insurer'),
        ('batched', 'owed', 'in_batch'),
        ('paid', 'in_batch', 'bank'),
        ('returned', 'bank', 'owed')
    )
);
-- squawk-ignore ban-drop-constraint
alter table billing.ledger drop constraint ledger_batch_is_named;
-- squawk-ignore constraint-missing-not-valid
alter table billing.ledger add constraint ledger_batch_is_named check (
    (step in ('batched', 'paid', 'returned')) = (batch_id is not null)
);
