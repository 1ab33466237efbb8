-- Schemas, one per feature, and what the platform knows about itself.
set role rempart_owner;

create schema foundation;
create schema identity;
create schema registry;
create schema guard;
create schema billing;
create schema journal;
create schema rights;

comment on schema foundation is 'What the platform knows about itself: migrations, the demonstration''s mark.';
comment on schema identity is 'Who asks: professionals, sites, accounts, installations, tokens.';
comment on schema registry is 'Insurers, plans and covers. Names nobody.';
comment on schema guard is 'How much anyone may learn: guard time, budgets, who was met.';
comment on schema billing is 'Payment guarantees and what follows from them.';
comment on schema journal is 'What was disclosed: entries that never change, payloads that are erased on schedule.';
comment on schema rights is 'The main job: ask and collect.';

create table foundation.migration (
    number integer primary key,
    name text not null,
    digest bytea not null check (octet_length(digest) = 32),
    applied_at timestamptz not null default clock_timestamp()
);
comment on table foundation.migration is 'Which numbered migrations this database has had, in order.';
comment on column foundation.migration.number is 'The number in the file''s name.';
comment on column foundation.migration.name is 'The rest of the file''s name.';
comment on column foundation.migration.digest is 'SHA-256 of the file as it was applied; a changed file is refused.';
comment on column foundation.migration.applied_at is 'When it was applied.';

create table foundation.mark (
    kind text primary key check (kind = 'demonstration'),
    made_at timestamptz not null default clock_timestamp()
);
comment on table foundation.mark is 'Set once, when a demonstration is made. Unsafe conveniences work on a marked database only.';
comment on column foundation.mark.kind is 'The one kind of mark.';
comment on column foundation.mark.made_at is 'When the demonstration was made.';
