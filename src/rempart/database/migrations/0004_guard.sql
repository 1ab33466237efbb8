-- Guard time, budgets and who was met.
set role rempart_owner;

create table guard.clock (
    one boolean primary key default true check (one),
    guard_at bigint not null,
    wall_at timestamptz not null
);
comment on table guard.clock is 'Guard time: one row, moved by the heart. It never runs faster than real time.';
comment on column guard.clock.one is 'Keeps the table at one row.';
comment on column guard.clock.guard_at is 'Guard time at the last beat, in microseconds.';
comment on column guard.clock.wall_at is 'Wall time of the last beat.';
insert into guard.clock (guard_at, wall_at) values (1000000000000, clock_timestamp());

create table guard.profile (
    profession text not null,
    kind smallint not null check (kind in (1, 2, 3, 4)),
    all_burst integer not null, all_every bigint not null,
    new_burst integer not null, new_every bigint not null,
    fresh_burst integer not null, fresh_every bigint not null,
    typed_burst integer not null, typed_every bigint not null,
    miss_burst integer not null, miss_every bigint not null,
    primary key (profession, kind)
);
comment on table guard.profile is 'Caps by profession and kind of key: burst in units, and microseconds of guard time for one unit to come back. Initial values; docs/guard.md says from where.';
comment on column guard.profile.profession is 'Profession of the account, or of the accounts that a site has.';
comment on column guard.profile.kind is '1 installation, 2 account, 3 professional, 4 site.';
comment on column guard.profile.all_burst is 'All questions: units that may be used at once.';
comment on column guard.profile.all_every is 'All questions: microseconds for one unit to come back. 0 means that this key does not bound this bucket.';
comment on column guard.profile.new_burst is 'People new to the account: units at once.';
comment on column guard.profile.new_every is 'People new to the account: microseconds a unit.';
comment on column guard.profile.fresh_burst is 'People never asked about at this site: units at once.';
comment on column guard.profile.fresh_every is 'People never asked about at this site: microseconds a unit.';
comment on column guard.profile.typed_burst is 'The part of fresh open to typed evidence: units at once.';
comment on column guard.profile.typed_every is 'The part of fresh open to typed evidence: microseconds a unit.';
comment on column guard.profile.miss_burst is 'Misses: units at once.';
comment on column guard.profile.miss_every is 'Misses: microseconds a unit.';

create table guard.budget (
    kind smallint not null check (kind in (1, 2, 3, 4)),
    id bigint not null,
    all_burst integer not null, all_every bigint not null, all_tat bigint not null,
    new_burst integer not null, new_every bigint not null, new_tat bigint not null,
    fresh_burst integer not null, fresh_every bigint not null, fresh_tat bigint not null,
    typed_burst integer not null, typed_every bigint not null, typed_tat bigint not null,
    miss_burst integer not null, miss_every bigint not null, miss_tat bigint not null,
    muted_at bigint not null,
    muted_count integer not null default 0,
    primary key (kind, id),
    check (all_burst >= 0 and new_burst >= 0 and fresh_burst >= 0 and typed_burst >= 0 and miss_burst >= 0),
    check (all_every >= 0 and new_every >= 0 and fresh_every >= 0 and typed_every >= 0 and miss_every >= 0),
    -- What a kind of key must bound, it bounds: a rate of 0 would be no bound at all.
    check (kind not in (1, 2, 4) or all_every > 0),
    check (kind <> 2 or (new_every > 0 and typed_every > 0)),
    check (kind not in (2, 3, 4) or fresh_every > 0),
    check (kind not in (2, 3) or miss_every > 0)
) with (fillfactor = 50);
comment on table guard.budget is 'The exact rows: GCRA levels (burst, microseconds a unit, theoretical arrival time) by key and bucket. A missing row refuses.';
comment on column guard.budget.kind is '1 installation, 2 account, 3 professional, 4 site. The order of locks.';
comment on column guard.budget.id is 'The key''s own id within its kind.';
comment on column guard.budget.all_burst is 'All questions: B.';
comment on column guard.budget.all_every is 'All questions: 1/r in microseconds of guard time; 0 on keys that do not bound this bucket.';
comment on column guard.budget.all_tat is 'All questions: theoretical arrival time, in guard time.';
comment on column guard.budget.new_burst is 'New to the account: B.';
comment on column guard.budget.new_every is 'New to the account: 1/r.';
comment on column guard.budget.new_tat is 'New to the account: theoretical arrival time.';
comment on column guard.budget.fresh_burst is 'Fresh: B.';
comment on column guard.budget.fresh_every is 'Fresh: 1/r.';
comment on column guard.budget.fresh_tat is 'Fresh: theoretical arrival time.';
comment on column guard.budget.typed_burst is 'Fresh by typed evidence: B.';
comment on column guard.budget.typed_every is 'Fresh by typed evidence: 1/r.';
comment on column guard.budget.typed_tat is 'Fresh by typed evidence: theoretical arrival time.';
comment on column guard.budget.miss_burst is 'Misses: B.';
comment on column guard.budget.miss_every is 'Misses: 1/r.';
comment on column guard.budget.miss_tat is 'Misses: theoretical arrival time.';
comment on column guard.budget.muted_at is 'Guard time at which the current minute of uncounted refusals began.';
comment on column guard.budget.muted_count is 'Refusals since then that made no entry of their own.';

create table guard.met (
    holder smallint not null check (holder in (2, 4)),
    holder_id bigint not null,
    asked bytea not null check (octet_length(asked) = 16),
    epoch smallint not null default 1,
    met_on date not null,
    primary key (holder, holder_id, asked)
);
comment on table guard.met is 'Card indexes that a site (4) or an account (2) has asked about, hits and misses alike. Keyed apart from the registry: no feed and no purge makes anyone new.';
comment on column guard.met.holder is '2 account, 4 site.';
comment on column guard.met.holder_id is 'Which account or site.';
comment on column guard.met.asked is 'Keyed index of the card asked about, under the key of this table alone.';
comment on column guard.met.epoch is 'Which key of this table.';
comment on column guard.met.met_on is 'When it was last asked about, moved at most once a month.';

-- Initial caps (docs/guard.md). Units a day come from assumed volumes, to be replaced by measured ones.
insert into guard.profile (
    profession, kind, all_burst, all_every, new_burst, new_every,
    fresh_burst, fresh_every, typed_burst, typed_every, miss_burst, miss_every)
select v.profession, k.kind,
       ceil(v.questions * k.factor)::integer,
       case when k.kind in (2, 4) then (86400000000 / (v.questions * k.factor))::bigint else 0 end,
       v.new_burst,
       case when k.kind = 2 then (86400000000 / v.new_a_day)::bigint else 0 end,
       ceil(v.fresh_burst * k.factor)::integer,
       (86400000000 / (v.fresh_a_day * k.factor))::bigint,
       ceil(v.fresh_burst * k.factor / 3)::integer,
       (86400000000 / (v.fresh_a_day * k.factor / 3))::bigint,
       ceil(v.miss_burst * k.factor)::integer,
       case when k.kind in (2, 3) then (86400000000 / (v.miss_a_day * k.factor))::bigint else 0 end
  from (values
           ('pharmacien', 450, 100, 60, 44, 23.4, 12, 8.0),
           ('medecin', 66, 30, 16, 11, 2.9, 6, 1.5),
           ('infirmier', 42, 20, 10, 8, 0.8, 6, 1.0),
           ('masseur_kinesitherapeute', 42, 20, 10, 8, 1.5, 6, 1.0),
           ('sage_femme', 42, 20, 10, 9, 2.0, 6, 1.0),
           ('chirurgien_dentiste', 36, 24, 12, 14, 3.1, 6, 1.0),
           ('opticien', 30, 30, 12, 23, 7.6, 6, 1.0),
           ('audioprothesiste', 24, 20, 8, 12, 4.0, 6, 1.0),
           ('biologiste', 360, 200, 140, 142, 70.0, 14, 8.0),
           ('hospitalier', 600, 240, 160, 120, 72.0, 20, 12.0)
       ) as v (profession, questions, new_burst, new_a_day, fresh_burst, fresh_a_day, miss_burst, miss_a_day)
       cross join (values (2::smallint, 1.0), (3::smallint, 1.5), (4::smallint, 1.0)) as k (kind, factor);
insert into guard.profile (
    profession, kind, all_burst, all_every, new_burst, new_every,
    fresh_burst, fresh_every, typed_burst, typed_every, miss_burst, miss_every)
values ('logiciel', 1, 900, 86400000000 / 900, 0, 0, 0, 0, 0, 0, 0, 0);
