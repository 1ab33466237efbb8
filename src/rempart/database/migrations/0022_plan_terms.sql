-- What plans pay by category of care, in terms that a guarantee holds on to when the plan is restated.
set role rempart_owner;

create table registry.care_category (
    domain text not null check (
        domain in ('PHAR', 'LABO', 'OPTI', 'AUDI', 'DESO', 'DEPR', 'HOSP', 'MED', 'RADL', 'AUXM', 'TRAN')
    ),
    category text not null check (category ~ '^[A-Z][A-Z0-9_]{1,19}$'),
    primary key (domain, category)
);
comment on table registry.care_category is 'The categories that a line of a claim may name: a closed list, and no finer than plans'' rules need.';
comment on column registry.care_category.domain is 'Kind of care.';
comment on column registry.care_category.category is 'Its code (docs/money.md).';

insert into registry.care_category (domain, category) values
('PHAR', 'PH1'), ('PHAR', 'PH2'), ('PHAR', 'PH4'), ('PHAR', 'PH7'), ('PHAR', 'DM'),
('LABO', 'BIOLOGIE'),
('OPTI', 'MONTURE'), ('OPTI', 'VERRE'), ('OPTI', 'LENTILLES'),
('AUDI', 'AIDE_AUDITIVE'), ('AUDI', 'ACCESSOIRE'),
('DESO', 'SOIN'),
('DEPR', 'COURONNE'), ('DEPR', 'BRIDGE'), ('DEPR', 'INLAY_CORE'), ('DEPR', 'AMOVIBLE'),
('HOSP', 'SEJOUR'), ('HOSP', 'FORFAIT_JOURNALIER'), ('HOSP', 'CHAMBRE_SEULE'),
('MED', 'CONSULTATION'), ('MED', 'ACTE'),
('RADL', 'IMAGERIE'),
('AUXM', 'ACTE'),
('TRAN', 'TRANSPORT');

create table registry.terms (
    terms_id bigint generated always as identity primary key,
    plan_id bigint not null references registry.plan,
    domain text not null,
    stated_at timestamptz not null default clock_timestamp()
);
comment on table registry.terms is 'One statement of what a plan pays by category in a domain. Never changed: a plan that is restated gets another.';
comment on column registry.terms.terms_id is 'Ours; a guarantee copies it.';
comment on column registry.terms.plan_id is 'Whose.';
comment on column registry.terms.domain is 'Kind of care.';
comment on column registry.terms.stated_at is 'When it was stated.';

create table registry.category_rule (
    terms_id bigint not null references registry.terms,
    domain text not null,
    category text not null,
    mode text not null check (mode in ('direct', 'on_request')),
    rate_bp integer check (rate_bp between 0 and 100000),
    amount_cents integer check (amount_cents between 0 and 10000000),
    ceiling_cents integer check (ceiling_cents between 0 and 10000000),
    every_months smallint check (every_months between 1 and 120),
    primary key (terms_id, category),
    foreign key (domain, category) references registry.care_category,
    check (rate_bp is not null or amount_cents is not null),
    -- How often is said when it is agreed to, never found out from a sale that was already made.
    constraint frequency_is_agreed_to check (every_months is null or mode = 'on_request')
);
comment on table registry.category_rule is 'What terms pay in a category; a category without a row is paid as its domain is.';
comment on column registry.category_rule.terms_id is 'Which terms.';
comment on column registry.category_rule.domain is 'The terms'' domain.';
comment on column registry.category_rule.category is 'Which category.';
comment on column registry.category_rule.mode is 'direct: within the guarantee; on_request: a prise en charge comes first.';
comment on column registry.category_rule.rate_bp is 'As in plan_domain.';
comment on column registry.category_rule.amount_cents is 'A fixed amount for each unit, in cents.';
comment on column registry.category_rule.ceiling_cents is 'At most this for each unit, in cents.';
comment on column registry.category_rule.every_months is 'At most one in so many months; null: as often as there is need.';

alter table registry.plan_domain add column terms_id bigint;
comment on column registry.plan_domain.terms_id is 'What it pays by category; null when every category is paid alike.';
alter table billing.engagement add column terms_id bigint;
comment on column billing.engagement.terms_id is 'What was promised by category; null when every category is paid alike.';

create type billing.rule as (
    category text,
    mode text,
    rate_bp integer,
    amount_cents integer,
    ceiling_cents integer
);
comment on type billing.rule is 'What is paid: for a category each unit, or (category null) for all lines of a guarantee together.';

create type billing.line as (
    category text,
    quantity integer,
    price_cents integer,
    base_cents integer,
    obligatory_cents integer
);
comment on type billing.line is 'What was delivered: amounts are of the whole line, in cents.';
