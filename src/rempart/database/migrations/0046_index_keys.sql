-- Index keys that turn: rows say under which generation of the outer keys their index was made; two may live at once.
set role rempart_owner;

create table registry.index_generation (
    generation smallint primary key check (generation between 1 and 127),
    begun_at timestamptz not null default clock_timestamp(),
    begun_by text not null check (char_length(begun_by) between 1 and 80),
    ended_at timestamptz check (ended_at >= begun_at)
);
comment on table registry.index_generation is 'Generations of the outer registry and card keys. Those without an end live: the last, and while insurers feed anew the one before it.';
comment on column registry.index_generation.generation is 'Counted from 1, never used again.';
comment on column registry.index_generation.begun_at is 'Since when questions are asked under it. Feeds follow a minute later, when every edge knows.';
comment on column registry.index_generation.begun_by is 'Who decided it.';
comment on column registry.index_generation.ended_at is 'Since when nothing is found under it any more.';
insert into registry.index_generation (generation, begun_at, begun_by) values (1, '2000-01-01', 'install');

alter table registry.coverage add column generation smallint not null default 1;
comment on column registry.coverage.generation is 'Of the keys under which person_index and card_hash were made; a feed that names the person moves him to its own.';
alter table registry.departed add column generation smallint not null default 1;
comment on column registry.departed.generation is 'As in coverage.';
alter table registry.staged_coverage add column former_index bytea check (octet_length(former_index) = 32);
comment on column registry.staged_coverage.former_index is 'The person''s index under the generation before, while both live.';
alter table registry.feed_work add column generation smallint not null default 1;
comment on column registry.feed_work.generation is 'Of the keys under which its lines are hashed.';

-- One of each for every generation that lives, the newest first.
-- An edge of before is refused by rights.ask until it is restarted, as at every upgrade: it answers nobody meanwhile.
alter type rights.question
-- squawk-ignore changing-column-type
    alter attribute person_index set data type bytea[],
-- squawk-ignore changing-column-type
    alter attribute card set data type bytea[];
-- squawk-ignore renaming-column
alter type rights.question rename attribute person_index to person_indexes;
-- squawk-ignore renaming-column
alter type rights.question rename attribute card to cards;
