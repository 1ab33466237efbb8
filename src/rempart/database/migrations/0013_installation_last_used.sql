-- When each installation last got a token: what tells a software that nobody uses any more.
set role rempart_owner;

alter table identity.installation add column last_token_at timestamptz;
comment on column identity.installation.last_token_at is 'When it last got a token, so at most five minutes before its last question; null if it never did.';
