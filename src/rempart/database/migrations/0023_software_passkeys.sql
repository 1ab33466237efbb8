-- A key made by the page itself stands in for a passkey on a demonstration, and is called what it is.
set role rempart_owner;

alter table identity.passkey add column is_software boolean not null default false;
comment on column identity.passkey.is_software is 'Made by the demonstration''s page, in software; it opens nothing on a database without the demonstration''s mark.';
