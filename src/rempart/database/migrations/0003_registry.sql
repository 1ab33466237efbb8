-- Insurers, what their plans pay, and who is covered: by keyed index, named to nobody.
set role rempart_owner;

create table registry.insurer (
    insurer_id bigint generated always as identity primary key,
    amc_number text not null unique check (amc_number ~ '^[0-9A-Z]{1,10}$'),
    name text not null check (length(name) between 1 and 100),
    opened_at timestamptz not null default clock_timestamp(),
    closed_at timestamptz
);
comment on table registry.insurer is 'Insurers whose rights are hosted here.';
comment on column registry.insurer.insurer_id is 'Ours.';
comment on column registry.insurer.amc_number is 'As printed on cards, normalised: capitals and digits, leading zeros kept.';
comment on column registry.insurer.name is 'As people know it.';
comment on column registry.insurer.opened_at is 'Since when its rights are hosted.';
comment on column registry.insurer.closed_at is 'Since when they no longer are; nobody is answered about it from then on.';

create table registry.plan (
    plan_id bigint generated always as identity primary key,
    insurer_id bigint not null references registry.insurer,
    code text not null check (code ~ '^[0-9A-Za-z_.-]{1,32}$'),
    label text not null check (length(label) between 1 and 100),
    unique (insurer_id, code)
);
comment on table registry.plan is 'What an insurer sells.';
comment on column registry.plan.plan_id is 'Ours.';
comment on column registry.plan.insurer_id is 'Whose.';
comment on column registry.plan.code is 'The insurer''s own code, as its feeds name it.';
comment on column registry.plan.label is 'As people know it.';

create table registry.plan_domain (
    plan_id bigint not null references registry.plan,
    domain text not null check (domain in ('PHAR', 'LABO', 'OPTI', 'AUDI', 'DESO', 'DEPR', 'HOSP', 'MED', 'RADL', 'AUXM', 'TRAN')),
    mode text not null check (mode in ('direct', 'on_request')),
    rate_bp integer check (rate_bp between 0 and 100000),
    amount_cents integer check (amount_cents >= 0),
    ceiling_cents integer check (ceiling_cents >= 0),
    primary key (plan_id, domain),
    check (mode = 'on_request' or rate_bp is not null or amount_cents is not null)
);
comment on table registry.plan_domain is 'What a plan pays in a domain; a domain without a row is not paid.';
comment on column registry.plan_domain.plan_id is 'Which plan.';
comment on column registry.plan_domain.domain is 'Kind of care.';
comment on column registry.plan_domain.mode is 'direct: guaranteed at once; on_request: a prise en charge comes first.';
comment on column registry.plan_domain.rate_bp is 'Rate as French cards print it, obligatory part included, in basis points of the reimbursement base.';
comment on column registry.plan_domain.amount_cents is 'A fixed amount, in cents.';
comment on column registry.plan_domain.ceiling_cents is 'At most this, in cents.';

create table registry.feed (
    feed_id bigint generated always as identity primary key,
    insurer_id bigint not null references registry.insurer,
    opened_at timestamptz not null default clock_timestamp(),
    opened_xid xid8 not null default pg_current_xact_id(),
    state text not null check (state in ('open', 'in_force')),
    made_at timestamptz not null,
    file_digest bytea not null check (octet_length(file_digest) = 32),
    accepted bigint check (accepted >= 0),
    ended bigint check (ended >= 0)
);
comment on table registry.feed is 'Each feed taken in. A committed row is in_force: a feed that fails leaves no row.';
comment on column registry.feed.feed_id is 'Ours.';
comment on column registry.feed.insurer_id is 'Whose; row-level security lets the transaction that opened the feed touch this insurer''s covers only.';
comment on column registry.feed.opened_at is 'When it was taken in.';
comment on column registry.feed.opened_xid is 'The transaction that opened it and must end it.';
comment on column registry.feed.state is 'open within its transaction, in_force from its swap on.';
comment on column registry.feed.made_at is 'When the insurer made the file; an older one than the last is refused.';
comment on column registry.feed.file_digest is 'SHA-256 of the file''s lines.';
comment on column registry.feed.accepted is 'How many covers it holds.';
comment on column registry.feed.ended is 'How many covers known before it no longer states.';
-- One at a time for an insurer: the second waits here until the first has committed or gone.
create unique index feed_open on registry.feed (insurer_id) where state = 'open';
-- And one insurer for a transaction: this is the tenant.
create unique index feed_tenant on registry.feed (opened_xid) where state = 'open';
create index feed_newest on registry.feed (insurer_id, made_at desc);

create table registry.coverage (
    coverage_id bigint generated always as identity primary key,
    insurer_id bigint not null,
    person_index bytea not null check (octet_length(person_index) = 32),
    member_reference bytea not null check (octet_length(member_reference) = 16),
    plan_id bigint not null,
    valid_from date not null,
    valid_to date not null,
    cover_rank smallint not null check (cover_rank between 1 and 9),
    card_hash bytea check (octet_length(card_hash) = 32),
    feed_id bigint not null,
    check (valid_to >= valid_from)
);
comment on table registry.coverage is 'An insurer''s statement that somebody is covered under a plan over a period. Whom it is about, only that insurer can tell.';
comment on column registry.coverage.coverage_id is 'Ours.';
comment on column registry.coverage.insurer_id is 'Whose member. Checked by the swap, as the plan is: a foreign key would check a million times.';
comment on column registry.coverage.person_index is 'HMAC under the outer registry key of the HMAC that the insurer made under its feed key.';
comment on column registry.coverage.member_reference is 'Made by the insurer under a key that never leaves it.';
comment on column registry.coverage.plan_id is 'Under which plan.';
comment on column registry.coverage.valid_from is 'First day.';
comment on column registry.coverage.valid_to is 'Last day.';
comment on column registry.coverage.cover_rank is '1 for the base cover, more for what tops it up; the lowest that pays is chosen.';
comment on column registry.coverage.card_hash is 'HMAC under the outer card key of the HMAC of the secret on the card; none when the card has none.';
comment on column registry.coverage.feed_id is 'The feed that first stated it as it stands.';
-- Finds a person, and keeps one cover for each rank and first day.
create unique index coverage_person on registry.coverage (insurer_id, person_index, cover_rank, valid_from);

-- Unlogged: it is filled and emptied in one transaction, and need not outlive a crash.
create unlogged table registry.staged_coverage (
    feed_id bigint not null,
    insurer_id bigint not null,
    person_index bytea not null check (octet_length(person_index) = 32),
    member_reference bytea not null check (octet_length(member_reference) = 16),
    plan_id bigint not null,
    valid_from date not null,
    valid_to date not null,
    cover_rank smallint not null check (cover_rank between 1 and 9),
    card_hash bytea check (octet_length(card_hash) = 32),
    check (valid_to >= valid_from)
);
comment on table registry.staged_coverage is 'A feed on its way in, seen by the transaction that opened it only.';
comment on column registry.staged_coverage.feed_id is 'Which feed.';
comment on column registry.staged_coverage.insurer_id is 'As in coverage.';
comment on column registry.staged_coverage.person_index is 'As in coverage.';
comment on column registry.staged_coverage.member_reference is 'As in coverage.';
comment on column registry.staged_coverage.plan_id is 'As in coverage.';
comment on column registry.staged_coverage.valid_from is 'As in coverage.';
comment on column registry.staged_coverage.valid_to is 'As in coverage.';
comment on column registry.staged_coverage.cover_rank is 'As in coverage.';
comment on column registry.staged_coverage.card_hash is 'As in coverage.';
