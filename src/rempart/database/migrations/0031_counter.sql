-- A counter that several colleagues use: a session is locked five minutes after its owner was last there, and when another takes over.
set role rempart_owner;

alter table identity.token add column locks_at timestamptz;
comment on column identity.token.locks_at is 'From then on it opens nothing until a passkey is touched; null for software, which has nobody to lock out.';

alter table identity.session add column touched_at timestamptz not null default '-infinity';
comment on column identity.session.touched_at is 'When its owner last touched a passkey: at its beginning, or when he came back to it.';
comment on column identity.session.token_hash is 'The token''s; another one after each touch.';
comment on column identity.session.began_at is 'When it began. Coming back to it does not move it.';
comment on column identity.session.passkey_id is 'What was touched last; it ends when that is revoked.';
comment on column identity.session.used_at is 'Last use that was proved by the browser''s key, moved at most every ten seconds.';
