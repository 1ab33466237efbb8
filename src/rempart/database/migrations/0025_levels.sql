-- What is left of budgets, as it is shown: in steps, and the same for ten minutes.
set role rempart_owner;

create table guard.level (
    kind smallint not null check (kind in (2, 3, 4)),
    id bigint not null,
    bucket smallint not null check (bucket between 1 and 6),
    steps_left smallint not null,
    steps smallint not null check (steps between 1 and 10 and steps_left between 0 and steps),
    burst integer not null,
    every bigint not null,
    taken_at bigint not null,
    noted_at timestamptz not null,
    xid xid8 not null,
    primary key (kind, id, bucket)
);
comment on table guard.level is 'What an account is shown of its budgets: a level taken at a look, and the same to everybody for the next ten minutes.';
comment on column guard.level.kind is '2 account, 3 professional, 4 site.';
comment on column guard.level.id is 'Which one.';
comment on column guard.level.bucket is '1 all questions, 2 new to the account, 3 fresh, 4 fresh by typed evidence, 5 misses, 6 exceptions.';
comment on column guard.level.steps_left is 'How many steps are left, rounded up: 0 is empty, and full stays full until a whole step is used.';
comment on column guard.level.steps is 'How many steps a full bucket has: ten, and fewer where a step would be less than three units.';
comment on column guard.level.burst is 'B in force then.';
comment on column guard.level.every is '1/r in force then, in microseconds of guard time.';
comment on column guard.level.taken_at is 'When, in guard time.';
comment on column guard.level.noted_at is 'When, in wall time.';
comment on column guard.level.xid is 'The transaction that took it: only another, committed one shows it.';
