-- The job queue: a schema of its own for what procrastinate brings, and which of its steps were applied.
set role rempart_owner;

create schema jobs;
comment on schema jobs is 'The queue of background work: procrastinate''s own tables and functions, brought by the installer.';

create table foundation.queue_step (
    name text primary key,
    applied_at timestamptz not null default clock_timestamp()
);
comment on table foundation.queue_step is 'Which numbered steps of procrastinate''s schema the schema jobs holds.';
comment on column foundation.queue_step.name is 'The step''s file name, as its maker publishes it.';
comment on column foundation.queue_step.applied_at is 'When it was applied here.';
