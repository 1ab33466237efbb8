-- References that insurers made anew: which one a member had before, so that one person stays one.
set role rempart_owner;

create table registry.former_reference (
    insurer_id bigint not null,
    former bytea not null check (octet_length(former) = 16),
    current bytea not null check (octet_length(current) = 16),
    feed_id bigint not null,
    primary key (insurer_id, former),
    check (former <> current)
);
comment on table registry.former_reference is 'What an insurer called its members before. Journal and engagements keep the reference of their day; this leads from it to the one in force.';
comment on column registry.former_reference.insurer_id is 'Whose members.';
comment on column registry.former_reference.former is 'A reference that was in force once. It never names anybody else.';
comment on column registry.former_reference.current is 'The reference in force now, or the last one, of the same member.';
comment on column registry.former_reference.feed_id is 'The feed that last changed this row.';
create index former_reference_current on registry.former_reference (insurer_id, current);

-- Unlogged, as staged_coverage is.
create unlogged table registry.staged_reference (
    feed_id bigint not null,
    insurer_id bigint not null,
    former bytea not null check (octet_length(former) = 16),
    current bytea not null check (octet_length(current) = 16)
);
comment on table registry.staged_reference is 'Maps of references on their way in with a feed.';
comment on column registry.staged_reference.feed_id is 'Which feed.';
comment on column registry.staged_reference.insurer_id is 'As in coverage.';
comment on column registry.staged_reference.former is 'The reference in force.';
comment on column registry.staged_reference.current is 'The same member''s reference in the feed; the same, when only the index changes.';

alter table registry.feed_work
    add column mapped bigint not null default 0 check (mapped >= 0);
comment on column registry.feed_work.mapped is 'How many lines of its map are in staged_reference.';
