-- A batch of which the bank's word is lost: somebody says what became of it, and by which name it is kept.
set role rempart_owner;

alter table billing.batch add column abandoned_at timestamptz;
alter table billing.batch add column settled_by text check (settled_by ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$');
alter table billing.batch add column settled_because text check (char_length(settled_because) between 1 and 200);
alter table billing.batch add column bank_reference text check (bank_reference ~ '^[A-Za-z0-9][A-Za-z0-9./_-]{0,34}$');
-- squawk-ignore constraint-missing-not-valid
alter table billing.batch add constraint batch_is_paid_or_abandoned check (paid_at is null or abandoned_at is null);
-- squawk-ignore constraint-missing-not-valid
alter table billing.batch add constraint batch_is_settled_by_somebody check (
    (abandoned_at is null) = (settled_because is null)
    and (bank_reference is null or paid_at is not null)
    and (settled_by is not null) = (abandoned_at is not null or bank_reference is not null)
);
comment on column billing.batch.abandoned_at is 'When somebody said that the bank never executed it: its claims are owed again, and its file is made no more.';
comment on column billing.batch.settled_by is 'Who said what became of it, where the bank''s word was lost.';
comment on column billing.batch.settled_because is 'Of one that was never executed: how that is known, in words that name nobody.';
comment on column billing.batch.bank_reference is 'Of one that was executed: by which reference the bank shows it.';

-- squawk-ignore ban-drop-constraint
alter table billing.transfer drop constraint transfer_state_check;
-- squawk-ignore constraint-missing-not-valid
alter table billing.transfer add constraint transfer_state_check check (state in ('batched', 'paid', 'returned', 'abandoned'));
comment on column billing.transfer.state is 'batched, paid, returned by the bank, or abandoned with its batch.';

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
        ('abandoned', 'in_batch', 'owed'),
        ('paid', 'in_batch', 'bank'),
        ('returned', 'bank', 'owed')
    )
);
-- squawk-ignore ban-drop-constraint
alter table billing.ledger drop constraint ledger_batch_is_named;
-- squawk-ignore constraint-missing-not-valid
alter table billing.ledger add constraint ledger_batch_is_named check (
    (step in ('batched', 'abandoned', 'paid', 'returned')) = (batch_id is not null)
);
