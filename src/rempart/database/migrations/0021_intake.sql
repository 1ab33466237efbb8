-- Feeds that insurers send by themselves: what has arrived, what became of it, whom to write to.
set role rempart_owner;

create schema intake;
comment on schema intake is 'Feeds sent by insurers: how far each is, its report, and the work that is left to do.';

create table intake.upload (
    upload_id bigint generated always as identity primary key,
    insurer_id bigint not null references registry.insurer,
    name text not null check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    total bigint not null check (total > 0),
    digest bytea not null check (octet_length(digest) = 32),
    received bigint not null default 0 check (received between 0 and total),
    state text not null default 'receiving' check (
        state in ('receiving', 'checking', 'importing', 'needs_confirmation', 'in_force', 'refused')
    ),
    is_confirmed boolean not null default false,
    accepted bigint check (accepted >= 0),
    refused bigint check (refused >= 0),
    ended bigint check (ended >= 0),
    before bigint check (before >= 0),
    after bigint check (after >= 0),
    problems jsonb not null default '[]' check (jsonb_typeof(problems) = 'array' and jsonb_array_length(problems) <= 100),
    begun_at timestamptz not null default clock_timestamp(),
    worked_at timestamptz not null default clock_timestamp(),
    unique (insurer_id, name)
);
comment on table intake.upload is 'Feeds as insurers sent them, each with its report. The file itself is in the spool folder until it is taken in or refused.';
comment on column intake.upload.upload_id is 'Ours; the name of the file in the spool folder.';
comment on column intake.upload.insurer_id is 'Whose; row-level security shows a transaction the rows of one insurer.';
comment on column intake.upload.name is 'The insurer''s own name for it: the same name is the same feed.';
comment on column intake.upload.total is 'How many bytes the file has.';
comment on column intake.upload.digest is 'SHA-256 of the whole file, as the insurer announced it.';
comment on column intake.upload.received is 'How many bytes, from the first, are on disk.';
comment on column intake.upload.state is 'Where it is on its way.';
comment on column intake.upload.is_confirmed is 'The insurer has said that it means to end so many covers.';
comment on column intake.upload.accepted is 'How many lines are in force.';
comment on column intake.upload.refused is 'How many lines were refused; all of them are then.';
comment on column intake.upload.ended is 'Covers that are no longer as stated, or would not be.';
comment on column intake.upload.before is 'The insurer''s covers in force or to come, before.';
comment on column intake.upload.after is 'The same after.';
comment on column intake.upload.problems is 'The first hundred problems: line, column, reason; never a value.';
comment on column intake.upload.begun_at is 'When its first part came.';
comment on column intake.upload.worked_at is 'When anything last happened to it.';
-- One on its way for an insurer: so the spool holds one file of each at most.
create unique index upload_under_way on intake.upload (insurer_id)
where state in ('receiving', 'checking', 'importing', 'needs_confirmation');

create table intake.visit (
    work_xid xid8 primary key default pg_current_xact_id(),
    insurer_id bigint not null,
    entered_at timestamptz not null default clock_timestamp()
);
comment on table intake.visit is 'The tenant of a transaction: put there by a live token, or by a piece of work that is due.';
comment on column intake.visit.work_xid is 'The transaction; worth nothing to any other.';
comment on column intake.visit.insurer_id is 'Whose rows it sees.';
comment on column intake.visit.entered_at is 'When; old rows are swept.';

create table intake.job (
    upload_id bigint not null references intake.upload,
    kind text not null check (kind in ('import', 'mail', 'expire')),
    insurer_id bigint not null,
    due_at timestamptz not null default clock_timestamp(),
    attempts integer not null default 0 check (attempts >= 0),
    primary key (upload_id, kind)
);
comment on table intake.job is 'Work that is left to do on a feed. A row goes in the transaction that ends the work, so none is lost.';
comment on column intake.job.upload_id is 'On which feed.';
comment on column intake.job.kind is 'import: check it and put it in force; mail: tell the insurer; expire: give it up when nothing comes any more.';
comment on column intake.job.insurer_id is 'Whose feed it is.';
comment on column intake.job.due_at is 'Not before.';
comment on column intake.job.attempts is 'How often it was put off.';
create index job_due on intake.job (due_at);

create table intake.contact (
    insurer_id bigint primary key references registry.insurer,
    address text not null check (char_length(address) between 3 and 254 and address ~ '^[!-~]+@[!-~]+$'),
    language text not null check (language in ('fr', 'en'))
);
comment on table intake.contact is 'Whom to write to at an insurer when a feed is refused.';
comment on column intake.contact.insurer_id is 'Which insurer.';
comment on column intake.contact.address is 'An e-mail address of the insurer''s.';
comment on column intake.contact.language is 'In which language.';
