-- Claims: asking to be paid what a guarantee promised. What was delivered is kept apart, for less long.
set role rempart_owner;

create table billing.claim (
    claim_id bytea primary key check (octet_length(claim_id) = 16),
    engagement_id bytea not null check (octet_length(engagement_id) = 16),
    site_id bigint not null,
    insurer_id bigint not null,
    installation_id bigint not null,
    reference text not null check (char_length(reference) between 1 and 64),
    sameness bytea not null check (octet_length(sameness) = 32),
    promised_cents integer not null check (promised_cents >= 0),
    amount_cents integer not null check (amount_cents > 0),
    state text not null check (state in ('accepted', 'batched', 'paid', 'returned', 'cancelled')),
    made_at timestamptz not null,
    cancelled_at timestamptz,
    replaced_by bytea,
    unique (installation_id, reference),
    constraint claim_within_the_promise check (amount_cents <= promised_cents),
    check ((state = 'cancelled') = (cancelled_at is not null))
);
comment on table billing.claim is 'A claim that was accepted. It names nobody: its engagement leads to the reference that only the insurer resolves.';
comment on column billing.claim.claim_id is 'Random, drawn by the edge; what the site calls it by.';
comment on column billing.claim.engagement_id is 'The guarantee that it uses.';
comment on column billing.claim.site_id is 'Who is to be paid: the guarantee''s site.';
comment on column billing.claim.insurer_id is 'Who pays: the guarantee''s insurer.';
comment on column billing.claim.installation_id is 'Which software or browser sent it.';
comment on column billing.claim.reference is 'The sender''s own, as a keyed hash: it may hold a person''s number.';
comment on column billing.claim.sameness is 'What a repeat must agree with.';
comment on column billing.claim.promised_cents is 'What the guarantee promised for these lines.';
comment on column billing.claim.amount_cents is 'What is claimed, and owed: never more than was promised.';
comment on column billing.claim.state is 'docs/money.md, "The states of a claim".';
comment on column billing.claim.made_at is 'When it was accepted.';
comment on column billing.claim.cancelled_at is 'When it was cancelled, by itself or for another.';
comment on column billing.claim.replaced_by is 'The claim that took its place.';
-- The promise itself: whoever claims at the same moment, one claim stands for a guarantee.
create unique index claim_of_an_engagement on billing.claim (engagement_id) where state <> 'cancelled';
create index claim_owed on billing.claim (insurer_id, made_at) where state = 'accepted';

create table billing.claim_line (
    claim_id bytea not null,
    place smallint not null,
    made_on date not null,
    category text not null,
    quantity smallint not null check (quantity between 1 and 999),
    price_cents integer not null check (price_cents between 0 and 10000000),
    base_cents integer not null check (base_cents between 0 and 10000000),
    obligatory_cents integer not null check (obligatory_cents between 0 and 10000000),
    primary key (claim_id, place)
);
comment on table billing.claim_line is 'What was delivered: health data, kept apart from claims and erased long before them (docs/purge.md).';
comment on column billing.claim_line.claim_id is 'Of which claim.';
comment on column billing.claim_line.place is 'Its place in the claim, from 1: amounts depend on it.';
comment on column billing.claim_line.made_on is 'The claim''s day in Paris: erasure goes by it.';
comment on column billing.claim_line.category is 'One of the domain''s (registry.care_category).';
comment on column billing.claim_line.quantity is 'How many.';
comment on column billing.claim_line.price_cents is 'Price of the whole line.';
comment on column billing.claim_line.base_cents is 'Reimbursement base of the whole line.';
comment on column billing.claim_line.obligatory_cents is 'What the obligatory insurance pays for it.';
create index claim_line_made on billing.claim_line (made_on);

create table billing.claim_refusal (
    installation_id bigint not null,
    minute timestamptz not null,
    because text not null,
    tally integer not null check (tally > 0),
    primary key (installation_id, minute, because)
);
comment on table billing.claim_refusal is 'Claims that were refused: how many, by whom, why, each minute. Nothing of what was claimed.';
comment on column billing.claim_refusal.installation_id is 'Who claimed.';
comment on column billing.claim_refusal.minute is 'The minute.';
comment on column billing.claim_refusal.because is 'One of the closed list of reasons.';
comment on column billing.claim_refusal.tally is 'How often.';

create type billing.claim_put as (
    claim_id bytea,
    engagement_hash bytea,
    reference text,
    sameness bytea,
    amount_cents integer,
    replaces bytea
);
comment on type billing.claim_put is 'A claim as the edge puts it; amount_cents null claims what was promised, replaces null replaces nothing.';
