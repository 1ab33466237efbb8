-- Erasure on schedule: runs, what each erases until which date, and how far it is.
set role rempart_owner;

create table journal.purge (
    purge_no bigint primary key,
    opened_at timestamptz not null,
    author text not null check (author in ('schedule', 'console')),
    closed_no bigint unique,
    closed_at timestamptz,
    check ((closed_no is null) = (closed_at is null))
);
comment on table journal.purge is 'Each run that erases what has ended. An entry opens it before anything goes; another closes it and is its certificate.';
comment on column journal.purge.purge_no is 'The entry that says what is to be erased.';
comment on column journal.purge.opened_at is 'When it began: its dates are counted from here, however long it takes.';
comment on column journal.purge.author is 'schedule, or console: by hand.';
comment on column journal.purge.closed_no is 'The entry that says how much was erased; null while it is not done.';
comment on column journal.purge.closed_at is 'When it was done.';
-- One at a time: whoever begins another goes on with the one that was left.
create unique index purge_open on journal.purge ((closed_no is null)) where closed_no is null;

create table journal.purge_part (
    purge_no bigint not null references journal.purge,
    place smallint not null,
    what text not null check (what in ('cover', 'met', 'payload', 'reference', 'staged')),
    policy text not null,
    before date not null,
    erased bigint not null default 0 check (erased >= 0),
    reached bigint not null default 0,
    done boolean not null default false,
    primary key (purge_no, what)
);
comment on table journal.purge_part is 'What a run erases. A batch changes its row in the transaction that erases, so the sum is always true.';
comment on column journal.purge_part.purge_no is 'The run.';
comment on column journal.purge_part.place is 'Its place in the entries.';
comment on column journal.purge_part.what is 'What is erased.';
comment on column journal.purge_part.policy is 'How long it is kept: P31D is 31 days, P36M 36 months (ISO 8601).';
comment on column journal.purge_part.before is 'What ended, or was last used or recorded, before this date goes.';
comment on column journal.purge_part.erased is 'How many rows went.';
comment on column journal.purge_part.reached is 'How far it looked: the last number, or the next page of the table.';
comment on column journal.purge_part.done is 'Everything was looked at.';

-- The platform's chain begins here, not with its first entry: two who wrote the first at once would both have begun it.
reset role;
insert into journal.head (subject_kind, subject_id, counter, head_hash)
values (0, 0, 0, decode(repeat('00', 32), 'hex'))
on conflict (subject_kind, subject_id) do nothing;
