-- Insurers answer claims: a scope of their software's own, a delay for each insurer, one answer for each claim.
set role rempart_owner;

alter table registry.insurer add column answer_days smallint not null default 15
constraint insurer_answers_in_days check (answer_days between 1 and 90);
comment on column registry.insurer.answer_days is 'For how many days after its day a claim may be answered; silence is acceptance. A claim keeps the delay that it was taken under.';

-- A software of an insurer's sends feeds or answers claims: a key that does one opens nothing of the other.
-- squawk-ignore ban-drop-constraint
alter table identity.installation drop constraint installation_is_a_sites_or_an_insurers;
-- squawk-ignore constraint-missing-not-valid
alter table identity.installation add constraint installation_is_a_sites_or_an_insurers check (
    (scope = 'rights' and site_id is not null and insurer_id is null)
    or (scope in ('feeds', 'claims') and site_id is null and insurer_id is not null)
);
comment on column identity.installation.insurer_id is 'The insurer whose feeds it sends, or whose claims it answers; null for a site''s.';
comment on column identity.installation.scope is 'What its tokens open: rights asks about people, feeds sends covers, claims answers claims. One of them, for ever.';
-- squawk-ignore ban-drop-constraint
alter table identity.token drop constraint token_scope_check;
-- squawk-ignore constraint-missing-not-valid
alter table identity.token add constraint token_scope_check check (scope in ('rights', 'feeds', 'claims'));
alter table identity.enrolment_code add column scope text not null default 'rights';
comment on column identity.enrolment_code.scope is 'What the software that is enrolled with it may do.';
comment on column identity.enrolment_code.insurer_id is 'The insurer whose software it enrols; null for a site''s.';

create table billing.answer (
    claim_id bytea primary key check (octet_length(claim_id) = 16),
    insurer_id bigint not null,
    answer_by timestamptz not null,
    answer text,
    because text,
    answered_at timestamptz,
    installation_id bigint,
    constraint answer_is_one_of_two check (answer in ('accepted', 'rejected')),
    constraint answer_has_one_reason check (
        because in (
            'member_unknown', 'not_covered_then', 'care_not_covered', 'amount_too_high',
            'paid_already', 'other_payer_first', 'care_doubted'
        )
    ),
    constraint answer_is_whole check (
        (answer is null) = (answered_at is null)
        and (answer is null) = (installation_id is null)
        and (because is not null) = coalesce(answer = 'rejected', false)
    )
);
comment on table billing.answer is 'What an insurer answered to a claim: a row for each claim, from the moment it is taken. Answered once, never changed; no answer by its time is acceptance.';
comment on column billing.answer.claim_id is 'Which claim.';
comment on column billing.answer.insurer_id is 'The claim''s insurer; row-level security shows a transaction those of one.';
comment on column billing.answer.answer_by is 'From this moment on no answer is taken: the end of the last day, in Paris.';
comment on column billing.answer.answer is 'accepted or rejected; null while nobody answered, and for ever after the delay.';
comment on column billing.answer.because is 'Of a rejection: one of the closed list of docs/money.md.';
comment on column billing.answer.answered_at is 'When.';
comment on column billing.answer.installation_id is 'Which software of the insurer''s.';
-- What waits for an insurer, the most urgent first; what it disputes.
create index answer_waited_for on billing.answer (insurer_id, answer_by, claim_id) where answer is null;
create index answer_disputed on billing.answer (insurer_id, answered_at) where answer = 'rejected';

create table billing.insurer_visit (
    work_xid xid8 primary key default pg_current_xact_id(),
    insurer_id bigint not null
);
comment on table billing.insurer_visit is 'The insurer whose claims a transaction may touch: put there by a live token, and gone before the function that put it there ends.';
comment on column billing.insurer_visit.work_xid is 'The transaction; worth nothing to any other.';
comment on column billing.insurer_visit.insurer_id is 'Whose rows it sees.';

-- What an insurer rejects is owed by it all the same, in an account of its own.
-- squawk-ignore ban-drop-constraint
alter table billing.ledger drop constraint ledger_knows_its_moves;
-- squawk-ignore constraint-missing-not-valid
alter table billing.ledger add constraint ledger_knows_its_moves check (
    (step, debit, credit) in (
        ('claimed', 'insurer', 'owed'),
        ('rejected', 'disputed', 'insurer'),
        ('cancelled', 'owed', 'insurer'),
        ('cancelled', 'owed', 'disputed'),
        ('batched', 'owed', 'in_batch'),
        ('paid', 'in_batch', 'bank'),
        ('returned', 'bank', 'owed')
    )
);
comment on column billing.ledger.debit is 'Account that gives: insurer, disputed, owed, in_batch or bank.';

-- Codes and claims of before; only the migrator sees them. A claim of before has the delay that it would have today.
reset role;
update identity.enrolment_code set scope = 'feeds' where insurer_id is not null;
insert into billing.answer (claim_id, insurer_id, answer_by)
select
    c.claim_id,
    c.insurer_id,
    ((c.made_at at time zone 'Europe/Paris')::date + 16)::timestamp at time zone 'Europe/Paris'
from billing.claim as c;
set role rempart_owner;
-- squawk-ignore ban-drop-constraint
alter table identity.enrolment_code drop constraint enrolment_code_is_a_sites_or_an_insurers;
-- squawk-ignore constraint-missing-not-valid
alter table identity.enrolment_code add constraint enrolment_code_is_a_sites_or_an_insurers check (
    (scope = 'rights' and site_id is not null and insurer_id is null and cardinality(account_ids) between 1 and 200)
    or (
        scope in ('feeds', 'claims') and site_id is null and insurer_id is not null
        and cardinality(account_ids) = 0
    )
);
