-- What closes: gates on any scope, holds on accounts, and the officers who sign.
set role rempart_owner;

create table guard.gate (
    scope text not null check (
        scope in ('account', 'professional', 'site', 'client', 'insurer', 'channel', 'grade', 'platform')
    ),
    key bigint not null,
    value text not null check (char_length(value) <= 80),
    reason text not null check (char_length(reason) between 1 and 200),
    author text not null check (author ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$'),
    closed_at timestamptz not null,
    until timestamptz not null default 'infinity',
    primary key (scope, key)
);
comment on table guard.gate is 'Scopes that are closed now. Read for every question; opening deletes the row, the journal keeps both moves.';
comment on column guard.gate.scope is 'What kind of scope.';
comment on column guard.gate.key is 'Which one: the id of the account, professional, site, installation or insurer; 1 for the channel software; 1 typed or 2 scan; 0 for the platform.';
comment on column guard.gate.value is 'The same as the officer named it.';
comment on column guard.gate.reason is 'Why, without anything that names a person.';
comment on column guard.gate.author is 'The officer who closed it, by the name given at the console.';
comment on column guard.gate.closed_at is 'Since when.';
comment on column guard.gate.until is 'Wall time from which it is open again by itself; infinity when only an officer opens it.';

create table guard.officer (
    name text primary key check (name ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$'),
    public_key bytea not null unique check (octet_length(public_key) = 32),
    added_at timestamptz not null
);
comment on table guard.officer is 'Officers of the desk, and the Ed25519 keys with which they sign.';
comment on column guard.officer.name is 'The name by which the journal knows the officer.';
comment on column guard.officer.public_key is 'Ed25519 public key, 32 bytes (RFC 8032).';
comment on column guard.officer.added_at is 'Since when.';

create table guard.nonce (
    nonce bytea primary key check (octet_length(nonce) = 16),
    good_until timestamptz not null
);
comment on table guard.nonce is 'Drawn for one signed order each; used up by it.';
comment on column guard.nonce.nonce is 'Random.';
comment on column guard.nonce.good_until is 'The order must be carried out before; part of what is signed.';

create table guard.hold (
    account_id bigint primary key,
    value text not null,
    reason text not null check (char_length(reason) between 1 and 200),
    author text not null,
    placed_at timestamptz not null
);
comment on table guard.hold is 'Accounts that are stopped until two officers release them.';
comment on column guard.hold.account_id is 'The account.';
comment on column guard.hold.value is 'The same as RPPS@SITE.';
comment on column guard.hold.reason is 'Why, without anything that names a person.';
comment on column guard.hold.author is 'The officer who signed it.';
comment on column guard.hold.placed_at is 'Since when.';
