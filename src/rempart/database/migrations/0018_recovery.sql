-- Coming back with a code on paper: letters that wait to be printed, and accounts at a tenth for a week.
set role rempart_owner;

create table identity.letter (
    letter_no uuid primary key default gen_random_uuid(),
    account_id bigint not null references identity.colleague,
    queued_at timestamptz not null,
    taken_at timestamptz
);
create index letter_account on identity.letter (account_id);
comment on table identity.letter is 'Letters to professionals in the print queue. The letter itself is a file beside the sign-in process.';
comment on column identity.letter.letter_no is 'Names the file.';
comment on column identity.letter.account_id is 'For whom.';
comment on column identity.letter.queued_at is 'When it was made.';
comment on column identity.letter.taken_at is 'When the operator took it out to print it; null until then.';

create table guard.tenth (
    account_id bigint primary key,
    until bigint not null
);
comment on table guard.tenth is 'Accounts at a tenth of their caps until a day, without an officer: who came back by a recovery, or after six months.';
comment on column guard.tenth.account_id is 'The account; what it gets back is in guard.eased.';
comment on column guard.tenth.until is 'Guard time, in microseconds: a clock that jumps gives nothing back early.';
