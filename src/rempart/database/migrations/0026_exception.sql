-- The exception: a passkey touched for one question, its own budgets, and what a site's administrator is shown of it.
set role rempart_owner;

create table identity.touch (
    token_hash bytea primary key references identity.session on delete cascade,
    challenge bytea not null check (octet_length(challenge) = 32),
    digest bytea not null check (octet_length(digest) = 32),
    touched_at timestamptz,
    expires_at timestamptz not null
);
comment on table identity.touch is 'A passkey touched for one question: at most one a session, written by sign-in alone, used up by the question.';
comment on column identity.touch.token_hash is 'The session; no software has one.';
comment on column identity.touch.challenge is 'What the passkey was asked to sign.';
comment on column identity.touch.digest is 'SHA-256 of a salt that only the browser has, and the request: the digest that the entry''s commitment A will hold.';
comment on column identity.touch.touched_at is 'When a touch was verified; null until then, and then it opens nothing.';
comment on column identity.touch.expires_at is 'From then on it opens nothing.';

create table guard.exception_cap (
    kind smallint primary key check (kind in (2, 3, 4)),
    burst integer not null check (burst > 0),
    every bigint not null check (every > 0)
);
comment on table guard.exception_cap is 'How many exceptions a key has: the same for every profession. docs/guard.md says from where.';
comment on column guard.exception_cap.kind is '2 account, 3 professional, 4 site.';
comment on column guard.exception_cap.burst is 'B: units at once.';
comment on column guard.exception_cap.every is '1/r: microseconds of guard time for one unit to come back.';
insert into guard.exception_cap (kind, burst, every) values
(2, 5, 86400000000 / 5), (3, 8, 86400000000 * 10 / 75), (4, 10, 86400000000 / 10);

create table guard.exception_budget (
    kind smallint not null,
    id bigint not null,
    burst integer not null,
    every bigint not null,
    tat bigint not null,
    primary key (kind, id)
);
comment on table guard.exception_budget is 'Exceptions: GCRA levels, apart from guard.budget so that no ordinary question reads them. Made by the first exception, with an entry of kind cap.';
comment on column guard.exception_budget.kind is '2 account, 3 professional, 4 site.';
comment on column guard.exception_budget.id is 'The key''s own id within its kind; its row of guard.budget is held by whoever touches this one.';
comment on column guard.exception_budget.burst is 'B in force.';
comment on column guard.exception_budget.every is '1/r in force, in microseconds of guard time.';
comment on column guard.exception_budget.tat is 'Theoretical arrival time, in guard time.';

create table journal.site_exception (
    site_id bigint not null,
    entry_no bigint not null,
    recorded_at timestamptz not null,
    primary key (site_id, entry_no)
);
comment on table journal.site_exception is 'Which entries are a site''s exceptions of the last month, so that its administrator is told of them.';
comment on column journal.site_exception.site_id is 'The site.';
comment on column journal.site_exception.entry_no is 'The entry.';
comment on column journal.site_exception.recorded_at is 'Its wall time.';

comment on column guard.gate.key is 'Which one: the id of the account, professional, site, installation or insurer; 1 for the channel software, 2 portal; 1 typed, 2 scan or 3 exception; 0 for the platform.';
