-- Engagements: payment guarantees.
set role rempart_owner;

create table billing.engagement (
    engagement_id bytea primary key check (octet_length(engagement_id) = 16),
    number_hash bytea not null unique check (octet_length(number_hash) = 32),
    site_id bigint not null,
    account_id bigint not null,
    asked bytea not null check (octet_length(asked) = 16),
    domain text not null,
    care_on date not null,
    insurer_id bigint not null,
    member_reference bytea not null,
    plan_id bigint not null,
    rate_bp integer check (rate_bp between 0 and 100000),
    amount_cents integer check (amount_cents >= 0),
    ceiling_cents integer check (ceiling_cents >= 0),
    given_at timestamptz not null,
    expires_on date not null,
    used_at timestamptz,
    cancelled_at timestamptz
);
comment on table billing.engagement is 'A payment guarantee: for one site, one person, one domain, one date; used once; copies what was promised, since claims come after a cover may be gone.';
comment on column billing.engagement.engagement_id is 'Random, drawn by the edge; the number is an HMAC of it.';
comment on column billing.engagement.number_hash is 'SHA-256 of the number: the number itself is never stored.';
comment on column billing.engagement.site_id is 'Whom it is given to.';
comment on column billing.engagement.account_id is 'Who asked.';
comment on column billing.engagement.asked is 'The person, as the guard''s keyed index.';
comment on column billing.engagement.domain is 'Kind of care.';
comment on column billing.engagement.care_on is 'Date of care.';
comment on column billing.engagement.insurer_id is 'Who pays.';
comment on column billing.engagement.member_reference is 'Whom for: opaque, only the insurer can resolve it.';
comment on column billing.engagement.plan_id is 'Under which plan.';
comment on column billing.engagement.rate_bp is 'What was promised: rate, in basis points of the reimbursement base, obligatory part included.';
comment on column billing.engagement.amount_cents is 'What was promised: a fixed amount, in cents.';
comment on column billing.engagement.ceiling_cents is 'What was promised: at most this, in cents.';
comment on column billing.engagement.given_at is 'When it was given.';
comment on column billing.engagement.expires_on is 'Last day of the guarantee: a fixed offset after the care date, never the cover''s end.';
comment on column billing.engagement.used_at is 'When a claim used it.';
comment on column billing.engagement.cancelled_at is 'When it was cancelled.';
create unique index engagement_unused on billing.engagement (site_id, asked, domain, care_on)
    where used_at is null and cancelled_at is null;
