-- Quotes and prises en charge: lines that are promised an amount each before they are delivered, and how often.
set role rempart_owner;

alter table registry.category_rule add column units smallint not null default 1;
comment on column registry.category_rule.units is 'How many units at most in every_months.';
-- squawk-ignore constraint-missing-not-valid
alter table registry.category_rule add constraint units_of_a_frequency
check (units between 1 and 99 and (units = 1 or every_months is not null));

alter table billing.engagement add column authorized boolean not null default false;
alter table billing.engagement add column replaced_by bytea;
comment on column billing.engagement.authorized is 'A prise en charge: it promises an amount for each of its lines (billing.authorized_line).';
comment on column billing.engagement.replaced_by is 'The prise en charge that took its place, by a quote that amended it.';
-- squawk-ignore require-concurrent-index-deletion
drop index billing.engagement_unused;
-- squawk-ignore require-concurrent-index-creation
create unique index engagement_unused on billing.engagement (site_id, asked, domain, care_on)
where used_at is null and cancelled_at is null and not authorized;

create table billing.authorized_line (
    engagement_id bytea not null,
    place smallint not null,
    expires_on date not null,
    category text not null,
    quantity smallint not null check (quantity between 1 and 999),
    price_cents integer not null check (price_cents between 0 and 10000000),
    base_cents integer not null check (base_cents between 0 and 10000000),
    obligatory_cents integer not null check (obligatory_cents between 0 and 10000000),
    amount_cents integer not null check (amount_cents between 0 and price_cents),
    primary key (engagement_id, place)
);
comment on table billing.authorized_line is 'What a prise en charge promises, line by line: health data, kept apart and erased long before the guarantee (docs/purge.md).';
comment on column billing.authorized_line.engagement_id is 'Of which prise en charge.';
comment on column billing.authorized_line.place is 'Its place in the quote, from 1.';
comment on column billing.authorized_line.expires_on is 'Last day of the guarantee: erasure goes by it.';
comment on column billing.authorized_line.category is 'One of the domain''s (registry.care_category).';
comment on column billing.authorized_line.quantity is 'How many.';
comment on column billing.authorized_line.price_cents is 'Price of the whole line.';
comment on column billing.authorized_line.base_cents is 'Reimbursement base of the whole line.';
comment on column billing.authorized_line.obligatory_cents is 'What the obligatory insurance pays for it.';
comment on column billing.authorized_line.amount_cents is 'What is promised for it.';
create index authorized_line_expires on billing.authorized_line (expires_on);

create table billing.frequency_use (
    engagement_id bytea not null,
    category text not null,
    asked bytea not null check (octet_length(asked) = 16),
    insurer_id bigint not null,
    domain text not null,
    care_on date not null,
    units smallint not null check (units > 0),
    counts_until date not null,
    primary key (engagement_id, category)
);
comment on table billing.frequency_use is 'Units of a category that a prise en charge takes from somebody''s frequency. Nothing of what they cost; gone when it is cancelled, or counts no more.';
comment on column billing.frequency_use.engagement_id is 'Which prise en charge.';
comment on column billing.frequency_use.category is 'Which category.';
comment on column billing.frequency_use.asked is 'The person, as the guard''s keyed index.';
comment on column billing.frequency_use.insurer_id is 'Whose plan.';
comment on column billing.frequency_use.domain is 'Kind of care.';
comment on column billing.frequency_use.care_on is 'From which day it counts.';
comment on column billing.frequency_use.units is 'How many units.';
comment on column billing.frequency_use.counts_until is 'First day on which it counts no more, as the plan then said. Erased 31 days later: care dates go back so far.';
create index frequency_use_of on billing.frequency_use (asked, insurer_id, domain, category);
create index frequency_use_counts on billing.frequency_use (counts_until);

create table billing.turn (
    turn smallint primary key check (turn between 0 and 255)
);
comment on table billing.turn is 'Who counts somebody''s frequency holds the row of his index''s first byte: one after the other, and no row is made for whoever is asked about.';
comment on column billing.turn.turn is 'First byte of the keyed index.';
insert into billing.turn select generate_series(0, 255);

create type rights.quote as (
    lines billing.line [],
    replaces bytea
);
comment on type rights.quote is 'What makes a question a quote: the lines it is about, and the hash of the number that it amends; lines null in a plain question.';

create type billing.quoted as (
    outcome text,
    told bytea,
    engagement_id bytea,
    engagement_hash bytea,
    rate_bp integer,
    amount_cents integer,
    ceiling_cents integer,
    expires_on date
);
comment on type billing.quoted is 'What a quote comes to: its outcome, what it tells line by line (docs/entry.md), and what is guaranteed.';

alter table journal.payload add column told bytea;
comment on column journal.payload.told is 'A, of a quote: amount, units left and next day of each line, packed (docs/entry.md); null for a plain question.';
