-- Accounts given back at a tenth, and officers' keys that are off the record.
set role rempart_owner;

create table guard.eased (
    account_id bigint primary key,
    value text not null,
    reason text not null check (char_length(reason) between 1 and 200),
    author text not null,
    eased_at timestamptz not null,
    all_burst integer not null, all_every bigint not null,
    new_burst integer not null, new_every bigint not null,
    fresh_burst integer not null, fresh_every bigint not null,
    typed_burst integer not null, typed_every bigint not null,
    miss_burst integer not null, miss_every bigint not null
);
comment on table guard.eased is 'Accounts that one officer gave back at a tenth of their caps, until two release them; and the caps that they then get back.';
comment on column guard.eased.account_id is 'The account.';
comment on column guard.eased.value is 'The same as RPPS@SITE.';
comment on column guard.eased.reason is 'Why, without anything that names a person.';
comment on column guard.eased.author is 'The officer who signed it.';
comment on column guard.eased.eased_at is 'Since when.';
comment on column guard.eased.all_burst is 'All questions: B before.';
comment on column guard.eased.all_every is 'All questions: 1/r before.';
comment on column guard.eased.new_burst is 'New to the account: B before.';
comment on column guard.eased.new_every is 'New to the account: 1/r before.';
comment on column guard.eased.fresh_burst is 'Fresh: B before.';
comment on column guard.eased.fresh_every is 'Fresh: 1/r before.';
comment on column guard.eased.typed_burst is 'Fresh by typed evidence: B before.';
comment on column guard.eased.typed_every is 'Fresh by typed evidence: 1/r before.';
comment on column guard.eased.miss_burst is 'Misses: B before.';
comment on column guard.eased.miss_every is 'Misses: 1/r before.';

create table guard.retired_key (
    public_key bytea primary key check (octet_length(public_key) = 32),
    name text not null,
    retired_at timestamptz not null
);
comment on table guard.retired_key is 'Keys of officers who were taken off the record. None of them ever signs again.';
comment on column guard.retired_key.public_key is 'Ed25519 public key, 32 bytes (RFC 8032).';
comment on column guard.retired_key.name is 'Whose it was.';
comment on column guard.retired_key.retired_at is 'Since when.';
