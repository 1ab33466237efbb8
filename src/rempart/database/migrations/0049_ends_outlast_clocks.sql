-- An urgent end stays on record until no feed can be older than it, by whatever clock the feed was made.
set role rempart_owner;

alter table registry.feed_work
    add column ended_reference bytea check (octet_length(ended_reference) = 16),
    add column last_day date;
comment on column registry.feed_work.ended_reference is 'Of an end alone: whose covers ended. Such a row goes once a feed is in force that was made an hour later, and after a week.';
comment on column registry.feed_work.last_day is 'Of an end alone: the last day covered.';
