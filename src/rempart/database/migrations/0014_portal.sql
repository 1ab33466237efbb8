-- Who signs in by hand: colleagues of a site, their passkeys, their browsers and their sessions.
set role rempart_owner;

create table identity.colleague (
    account_id bigint primary key references identity.account,
    user_handle bytea not null unique check (octet_length(user_handle) = 32),
    name text not null check (char_length(name) between 1 and 80),
    is_administrator boolean not null default false,
    invited_at timestamptz not null,
    last_seen_at timestamptz not null,
    recovered_at timestamptz
);
comment on table identity.colleague is 'The person behind an account, as the portal of that one site knows him. Never an insured person.';
comment on column identity.colleague.account_id is 'The account: passkeys belong to it, so that one site''s administrator decides nothing about another site.';
comment on column identity.colleague.user_handle is 'Random, known to the authenticator (WebAuthn user.id): says nothing about the person.';
comment on column identity.colleague.name is 'How colleagues call him.';
comment on column identity.colleague.is_administrator is 'May invite colleagues to this site and end their access.';
comment on column identity.colleague.invited_at is 'When he was first invited.';
comment on column identity.colleague.last_seen_at is 'Last sign-in, enrolment or unblocking: six months later he is blocked.';
comment on column identity.colleague.recovered_at is 'When he last came back by a code on paper; null if never.';

create table identity.passkey (
    passkey_id bigint generated always as identity primary key,
    passkey_no uuid not null unique default gen_random_uuid(),
    account_id bigint not null references identity.colleague,
    credential_id bytea not null unique check (octet_length(credential_id) between 16 and 1023),
    public_key bytea not null check (octet_length(public_key) between 32 and 2048),
    sign_count bigint not null check (sign_count >= 0),
    label text not null check (char_length(label) between 1 and 60),
    is_synced boolean not null,
    created_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz
);
create index passkey_account on identity.passkey (account_id);
comment on table identity.passkey is 'Passkeys (WebAuthn): the only way into the portal. Public keys; nothing here opens anything.';
comment on column identity.passkey.passkey_id is 'Ours.';
comment on column identity.passkey.passkey_no is 'How its owner''s page names it.';
comment on column identity.passkey.account_id is 'Whose it is.';
comment on column identity.passkey.credential_id is 'Given by the authenticator.';
comment on column identity.passkey.public_key is 'COSE key (RFC 9053).';
comment on column identity.passkey.sign_count is 'The authenticator''s own counter; 0 where it keeps none.';
comment on column identity.passkey.label is 'The name that its owner gave it.';
comment on column identity.passkey.is_synced is 'Backed up by the maker of the authenticator, so that it may be on several devices.';
comment on column identity.passkey.created_at is 'When it was enrolled.';
comment on column identity.passkey.used_at is 'Last sign-in with it.';
comment on column identity.passkey.revoked_at is 'When it was revoked, for ever; null while it opens sessions.';

create table identity.challenge (
    challenge bytea primary key check (octet_length(challenge) = 32),
    purpose text not null check (purpose in ('sign_in', 'enrol')),
    account_id bigint,
    expires_at timestamptz not null
);
create index challenge_expires on identity.challenge (expires_at);
comment on table identity.challenge is 'Challenges of ceremonies that are under way: deleted by the one that uses it.';
comment on column identity.challenge.challenge is 'Random.';
comment on column identity.challenge.purpose is 'What it is for.';
comment on column identity.challenge.account_id is 'For whom a passkey is being made; null for a sign-in, where nobody is known yet.';
comment on column identity.challenge.expires_at is 'From then on it opens nothing.';

create table identity.invitation (
    code_hash bytea primary key check (octet_length(code_hash) = 32),
    spoken_hash bytea not null check (octet_length(spoken_hash) = 32),
    account_id bigint not null references identity.colleague,
    purpose text not null check (purpose in ('invitation', 'recovery')),
    attempts smallint not null default 0,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index invitation_account on identity.invitation (account_id);
create index invitation_expires on identity.invitation (expires_at);
comment on table identity.invitation is 'One-time links with which a colleague makes a passkey. The link alone opens nothing: a second code travels by another way.';
comment on column identity.invitation.code_hash is 'SHA-256 of the link''s code; the code is shown once and kept nowhere.';
comment on column identity.invitation.spoken_hash is 'SHA-256 of the link''s code and the second code: spoken for an invitation, on paper for a recovery.';
comment on column identity.invitation.account_id is 'For whom.';
comment on column identity.invitation.purpose is 'A recovery ends every older passkey and session of the account.';
comment on column identity.invitation.attempts is 'Wrong second codes so far; the fifth ends it.';
comment on column identity.invitation.issued_at is 'When.';
comment on column identity.invitation.expires_at is 'From then on it opens nothing.';
comment on column identity.invitation.used_at is 'When a passkey was made with it, or when it was taken back; null until then.';

create table identity.browser (
    installation_id bigint primary key references identity.installation,
    account_id bigint not null references identity.colleague
);
create index browser_account on identity.browser (account_id);
comment on table identity.browser is 'Installations that are a browser: the channel is the portal, and the one account is fixed for ever.';
comment on column identity.browser.installation_id is 'The browser''s key, which cannot leave it (WebCrypto).';
comment on column identity.browser.account_id is 'Who signed in there. Another person at the same machine has another key.';

create table identity.session (
    token_hash bytea primary key references identity.token on delete cascade,
    session_no uuid not null unique default gen_random_uuid(),
    account_id bigint not null references identity.colleague,
    passkey_id bigint not null references identity.passkey,
    began_at timestamptz not null,
    ends_at timestamptz not null,
    used_at timestamptz not null,
    network text not null check (char_length(network) <= 64),
    device text not null check (char_length(device) <= 80)
);
create index session_account on identity.session (account_id);
create index session_passkey on identity.session (passkey_id);
comment on table identity.session is 'What a token of the portal is beyond a token. Its row in identity.token ends when it is idle, and slides with each proved use.';
comment on column identity.session.token_hash is 'The token''s.';
comment on column identity.session.session_no is 'How its owner''s page names it.';
comment on column identity.session.account_id is 'Whose.';
comment on column identity.session.passkey_id is 'What it was opened with; it ends when that is revoked.';
comment on column identity.session.began_at is 'When the passkey was touched.';
comment on column identity.session.ends_at is 'The latest end, however busy it is.';
comment on column identity.session.used_at is 'Last use that was proved by the browser''s key, moved at most once a minute.';
comment on column identity.session.network is 'Address of the peer at the last such use.';
comment on column identity.session.device is 'Browser and system, as the browser named itself at sign-in.';
comment on column guard.gate.key is 'Which one: the id of the account, professional, site, installation or insurer; 1 for the channel software, 2 portal; 1 typed or 2 scan; 0 for the platform.';
