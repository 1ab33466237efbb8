-- The journal: entries that never change, payloads that open them and are erased on schedule.
set role rempart_owner;

create sequence journal.entry_no as bigint;
comment on sequence journal.entry_no is 'Numbers entries. Gaps are normal: a rolled back question leaves one.';

create table journal.head (
    subject_kind smallint not null check (subject_kind in (0, 1, 2, 3, 4)),
    subject_id bigint not null,
    counter bigint not null check (counter >= 0),
    head_hash bytea not null check (octet_length(head_hash) = 32),
    primary key (subject_kind, subject_id)
) with (fillfactor = 50);
comment on table journal.head is 'Last entry of each subject: what the next entry''s counter and previous hash follow from.';
comment on column journal.head.subject_kind is '0 platform, 1 installation, 2 account, 3 professional, 4 site.';
comment on column journal.head.subject_id is 'Which one.';
comment on column journal.head.counter is 'How many entries it has.';
comment on column journal.head.head_hash is 'Leaf hash of the last one; 32 zero bytes before the first.';

create table journal.entry (
    entry_no bigint not null,
    recorded_at timestamptz not null,
    guard_at bigint not null,
    kind text not null check (kind in ('answer', 'refusal', 'replay', 'exception', 'cap', 'gate', 'hold', 'purge', 'restore')),
    subject_kind smallint not null,
    subject_id bigint not null,
    counter bigint not null,
    previous_hash bytea not null check (octet_length(previous_hash) = 32),
    edge bytea not null check (octet_length(edge) = 16),
    boot bytea not null check (octet_length(boot) = 16),
    proof_kind text not null check (proof_kind in ('dpop', 'console')),
    charges bytea not null check (octet_length(charges) % 34 = 0),
    replays bigint not null default 0,
    tally integer not null default 1,
    receipt bytea not null check (octet_length(receipt) = 16),
    commitment_a bytea not null check (octet_length(commitment_a) = 32),
    commitment_m bytea not null check (octet_length(commitment_m) = 32),
    commitment_b bytea not null check (octet_length(commitment_b) = 32),
    leaf_hash bytea not null check (octet_length(leaf_hash) = 32)
) partition by range (recorded_at);
comment on table journal.entry is 'What was disclosed, charged or refused. Never changed: docs/entry.md has the bytes.';
comment on column journal.entry.entry_no is 'From journal.entry_no.';
comment on column journal.entry.recorded_at is 'Wall time.';
comment on column journal.entry.guard_at is 'Guard time, in microseconds.';
comment on column journal.entry.kind is 'What kind of entry.';
comment on column journal.entry.subject_kind is 'Whose chain: 0 platform, 1 installation, 2 account, 3 professional, 4 site.';
comment on column journal.entry.subject_id is 'Which one.';
comment on column journal.entry.counter is 'Its how-manieth entry, from 1, without a gap.';
comment on column journal.entry.previous_hash is 'Leaf hash of its entry before; 32 zero bytes for the first.';
comment on column journal.entry.edge is 'Edge instance that spoke to the database.';
comment on column journal.entry.boot is 'That instance''s start, drawn at random.';
comment on column journal.entry.proof_kind is 'How the asker was known: dpop (a proof signed by the installation''s key) or console.';
comment on column journal.entry.charges is 'What was charged: 34 bytes a key and bucket (docs/entry.md).';
comment on column journal.entry.replays is 'For a replay, the number of the first entry; else 0.';
comment on column journal.entry.tally is 'How many refusals this entry stands for.';
comment on column journal.entry.receipt is 'Random number that the asker is given in place of entry_no.';
comment on column journal.entry.commitment_a is 'Commitment to the disclosure as the asker may see it.';
comment on column journal.entry.commitment_m is 'Commitment to (insurer, member reference).';
comment on column journal.entry.commitment_b is 'Commitment to the connection.';
comment on column journal.entry.leaf_hash is 'What a receipt signs and the public log will hold.';

create table journal.payload (
    entry_no bigint not null,
    recorded_at timestamptz not null,
    xid xid8 not null,
    attempt bytea not null check (octet_length(attempt) = 16),
    installation_id bigint not null,
    account_id bigint not null,
    professional text not null,
    site text not null,
    domain text not null,
    care_on date not null,
    evidence text not null,
    outcome text not null,
    refused_because text not null,
    rate_bp integer,
    amount_cents integer,
    ceiling_cents integer,
    expires_on date,
    engagement_id bytea,
    engagement_hash bytea,
    digest bytea not null,
    insurer text not null,
    member_reference bytea not null,
    asked bytea not null,
    fresh boolean not null,
    network text not null,
    proof bytea not null,
    salt_a bytea not null check (octet_length(salt_a) = 32),
    salt_m bytea not null check (octet_length(salt_m) = 32),
    salt_b bytea not null check (octet_length(salt_b) = 32)
) partition by range (recorded_at);
comment on table journal.payload is 'What the three commitments of an entry open to. Erased on schedule by one function; the entry stays.';
comment on column journal.payload.entry_no is 'The entry.';
comment on column journal.payload.recorded_at is 'The entry''s wall time.';
comment on column journal.payload.xid is 'The transaction that wrote it: collect answers from another, committed one only.';
comment on column journal.payload.attempt is 'Random, drawn by the edge for one request: what collect asks with.';
comment on column journal.payload.installation_id is 'B: the installation.';
comment on column journal.payload.account_id is 'The account; 0 if the professional named is not linked.';
comment on column journal.payload.professional is 'A: the RPPS number named.';
comment on column journal.payload.site is 'A: the site named.';
comment on column journal.payload.domain is 'A: the domain asked.';
comment on column journal.payload.care_on is 'A: the care date asked.';
comment on column journal.payload.evidence is 'A: the grade of evidence.';
comment on column journal.payload.outcome is 'A: the outcome; empty for a refusal.';
comment on column journal.payload.refused_because is 'A: the reason of a refusal; empty for an outcome.';
comment on column journal.payload.rate_bp is 'A: rate told.';
comment on column journal.payload.amount_cents is 'A: fixed amount told.';
comment on column journal.payload.ceiling_cents is 'A: ceiling told.';
comment on column journal.payload.expires_on is 'A: last day of the engagement told.';
comment on column journal.payload.engagement_id is 'The engagement that was kept: the edge derives its number from it.';
comment on column journal.payload.engagement_hash is 'A: SHA-256 of that number, as the asker can compute it.';
comment on column journal.payload.digest is 'A: SHA-256 of a salt that only the asker gets, and the request''s body.';
comment on column journal.payload.insurer is 'M: the AMC number asked.';
comment on column journal.payload.member_reference is 'M: opaque reference of the member; empty when the index is unknown.';
comment on column journal.payload.asked is 'The card''s index under the guard''s own key: lets an auditor recheck freshness.';
comment on column journal.payload.fresh is 'Judged never met by this site.';
comment on column journal.payload.network is 'B: address of the peer.';
comment on column journal.payload.proof is 'B: the proof as presented, sealed (it holds the hash of a body that names a person).';
comment on column journal.payload.salt_a is 'Opens A.';
comment on column journal.payload.salt_m is 'Opens M.';
comment on column journal.payload.salt_b is 'Opens B.';
create index payload_attempt on journal.payload (attempt);
create index entry_number on journal.entry (entry_no);
create index payload_number on journal.payload (entry_no);

create table journal.reference (
    account_id bigint not null,
    reference text not null check (length(reference) between 1 and 64),
    sameness bytea not null check (octet_length(sameness) = 32),
    entry_no bigint not null,
    recorded_at timestamptz not null,
    primary key (account_id, reference)
);
comment on table journal.reference is 'A client reference is used for one question an account: the same again is a replay, another question is refused.';
comment on column journal.reference.account_id is 'The account.';
comment on column journal.reference.reference is 'The client''s own reference, under a key of the edge: a software may put a person''s number in it.';
comment on column journal.reference.sameness is 'SHA-256 of the question with its keyed indexes: tells the same question from another.';
comment on column journal.reference.entry_no is 'The first entry.';
comment on column journal.reference.recorded_at is 'Its wall time.';
