-- Feeds on their way in: staged in short transactions, gone on with after a crash, one at a time for an insurer.
set role rempart_owner;

create table registry.feed_work (
    feed_id bigint primary key,
    insurer_id bigint not null references registry.insurer,
    kind text not null check (kind in ('full', 'delta', 'end')),
    made_at timestamptz not null,
    file_digest bytea not null check (octet_length(file_digest) = 32),
    due bigint not null check (due >= 0),
    staged bigint not null default 0 check (staged between 0 and due),
    token_hash bytea not null check (octet_length(token_hash) = 32),
    work_xid xid8 not null default pg_current_xact_id() unique,
    worked_at timestamptz not null default clock_timestamp()
);
comment on table registry.feed_work is 'Feeds that are not in force yet. The row goes when the feed is in force, or when another takes its place.';
comment on column registry.feed_work.feed_id is 'The number that the feed has once it is in force.';
comment on column registry.feed_work.insurer_id is 'Whose; row-level security lets the transaction at work touch this insurer''s covers only.';
comment on column registry.feed_work.kind is 'full: replaces everything; delta: the people in it; end: one person, in one transaction.';
comment on column registry.feed_work.made_at is 'As in feed.';
comment on column registry.feed_work.file_digest is 'As in feed; the same file goes on where it was.';
comment on column registry.feed_work.due is 'How many lines the file has.';
comment on column registry.feed_work.staged is 'How many of its lines, from the first, are in staged_coverage.';
comment on column registry.feed_work.token_hash is 'SHA-256 of the secret that the importer made and presents at each step; another importer that goes on makes another.';
comment on column registry.feed_work.work_xid is 'The transaction that was last at work on it: the tenant, for as long as that transaction runs.';
comment on column registry.feed_work.worked_at is 'When it was last worked on; whoever was silent for 15 seconds may be replaced, -infinity at once.';
-- One at a time for an insurer. The urgent end of one person waits for nothing.
create unique index feed_work_insurer on registry.feed_work (insurer_id) where kind <> 'end';

alter table registry.insurer
    add column ending_share_bp integer not null default 1000 check (ending_share_bp between 0 and 10000);
comment on column registry.insurer.ending_share_bp is 'A feed that ends more than this share of the covers, in basis points, must be confirmed.';

comment on table registry.staged_coverage is 'Feeds on their way in. Unlogged: after a crash of the server it is empty, and the feed is staged anew.';
comment on column registry.staged_coverage.plan_id is 'As in coverage; 0 where a delta ends the person after valid_to.';
comment on table registry.feed is 'Each feed in force, or that was. What is on its way is in feed_work.';
