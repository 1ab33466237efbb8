-- A restored copy does not know what was paid since: it pays nobody until somebody has compared it with the bank and says so.
set role rempart_owner;

alter table foundation.epoch add column copy_at timestamptz;
comment on column foundation.epoch.copy_at is 'How far the copy went from which this life began, or the first of several of which nobody said that they were compared with the bank; null: no copy.';

create table billing.resumption (
    epoch bytea primary key check (octet_length(epoch) = 16),
    resumed_at timestamptz not null,
    author text not null check (author ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$'),
    reason text not null check (char_length(reason) between 1 and 200)
);
comment on table billing.resumption is 'Who said that a restored copy was compared with the bank, so that it may pay again: once for each restore. Rows are added, never changed.';
comment on column billing.resumption.epoch is 'For which life of this platform (foundation.epoch): the next restore begins another.';
comment on column billing.resumption.resumed_at is 'When.';
comment on column billing.resumption.author is 'Who.';
comment on column billing.resumption.reason is 'Why, in words that name nobody.';

-- A platform that was restored before there was this question is asked it, too. Only the migrator sees the journal from here.
reset role;
update foundation.epoch e
set copy_at = coalesce(
    (select l.recorded_at from journal.entry as l where l.entry_no = r.replays),
    r.recorded_at
)
from (
    select j.replays, j.recorded_at
    from journal.entry as j
    where j.kind = 'restore'
    order by j.entry_no desc
    limit 1
) as r;
