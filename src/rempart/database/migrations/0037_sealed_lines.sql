-- What was delivered, of claims that are paid: sealed to the insurer, and no longer here in clear.
set role rempart_owner;

create table billing.line_key (
    key_id bytea primary key check (octet_length(key_id) = 32),
    insurer_id bigint not null,
    place smallint not null check (place > 0),
    public bytea not null check (octet_length(public) = 1216),
    stated_at timestamptz not null,
    author text not null check (author ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$'),
    -- The last one is in force; of two who state one at the same moment, one is heard.
    constraint line_key_once unique (insurer_id, place)
);
comment on table billing.line_key is 'Public keys that insurers had lines of claims sealed to, one after the other. The private ones never leave them. Rows are added, never changed.';
comment on column billing.line_key.key_id is 'SHA-256 of the public key: its fingerprint, which the desk compared.';
comment on column billing.line_key.insurer_id is 'Whose.';
comment on column billing.line_key.place is 'The first, the second, … of this insurer; the last is in force.';
comment on column billing.line_key.public is 'X-Wing: ML-KEM-768, then X25519.';
comment on column billing.line_key.stated_at is 'From when on it is sealed to.';
comment on column billing.line_key.author is 'Who compared the fingerprint.';

create table billing.sealed_lines (
    claim_id bytea primary key check (octet_length(claim_id) = 16),
    insurer_id bigint not null,
    key_id bytea not null references billing.line_key,
    made_on date not null,
    sealed_at timestamptz not null,
    sealed bytea not null check (octet_length(sealed) = 2508)
);
comment on table billing.sealed_lines is 'What was delivered, of a claim that was paid: health data that its insurer alone can open (docs/lines.md). Erased when the lines would have been.';
comment on column billing.sealed_lines.claim_id is 'Of which claim.';
comment on column billing.sealed_lines.insurer_id is 'Who can open it.';
comment on column billing.sealed_lines.key_id is 'With which of its keys.';
comment on column billing.sealed_lines.made_on is 'The claim''s day in Paris, as its lines had it: erasure goes by it.';
comment on column billing.sealed_lines.sealed_at is 'When it was sealed.';
comment on column billing.sealed_lines.sealed is 'One HPKE message, of one length for any number of lines.';
create index sealed_lines_made on billing.sealed_lines (made_on);
create index sealed_lines_of_an_insurer on billing.sealed_lines (insurer_id, sealed_at);
-- It is random: compressing it is work for nothing.
alter table billing.sealed_lines alter column sealed set storage external;

alter table billing.claim add column lines_sealed_at timestamptz;
comment on column billing.claim.lines_sealed_at is 'When its lines were sealed to its insurer; null: they were not.';
-- squawk-ignore require-concurrent-index-creation
create index claim_to_seal on billing.claim (insurer_id, made_at) where state = 'paid' and lines_sealed_at is null;
