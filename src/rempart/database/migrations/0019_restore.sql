-- What tells a restored copy from the database that answered last: an epoch, and the server's start that was taken up.
set role rempart_owner;

create table foundation.epoch (
    one boolean primary key default true check (one),
    epoch bytea not null check (octet_length(epoch) = 16),
    began_at timestamptz not null
);
comment on table foundation.epoch is 'One row: which life of this platform the tables are in. A restore begins another (docs/restore.md).';
comment on column foundation.epoch.one is 'Keeps the table at one row.';
comment on column foundation.epoch.epoch is 'Random. Marks kept outside the database name it; sign-in mixes it into its nonces.';
comment on column foundation.epoch.began_at is 'When the database was made, or restored.';
insert into foundation.epoch (epoch, began_at) values (uuid_send(gen_random_uuid()), clock_timestamp());

alter table guard.clock add column boot timestamptz not null default pg_postmaster_start_time();
comment on column guard.clock.boot is 'The server''s start that was taken up by showing the mark. After another start the guard does not see this row, so nobody may ask (foundation.take_up).';
