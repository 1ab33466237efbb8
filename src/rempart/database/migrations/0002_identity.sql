-- Who asks: professionals, sites, accounts, software installations, their tokens and what is used only once.
set role rempart_owner;

create table identity.professional (
    professional_id bigint generated always as identity primary key,
    rpps text not null unique check (rpps ~ '^[0-9]{11}$'),
    profession text not null check (
        profession in (
            'pharmacien', 'medecin', 'infirmier', 'chirurgien_dentiste', 'opticien', 'audioprothesiste',
            'biologiste', 'hospitalier', 'masseur_kinesitherapeute', 'sage_femme'
        )
    )
);
comment on table identity.professional is 'A health professional, a natural person; never an insured person.';
comment on column identity.professional.professional_id is 'Ours, used by every other table.';
comment on column identity.professional.rpps is 'National number of the professional: 11 digits, the last by Luhn.';
comment on column identity.professional.profession is 'French code; fixes the domains that may be asked (identity.profession_domain).';

create table identity.site (
    site_id bigint generated always as identity primary key,
    identifier text not null unique check (identifier ~ '^[0-9][0-9AB][0-9]{7}$'),
    label text not null check (char_length(label) between 1 and 120)
);
comment on table identity.site is 'A place of practice.';
comment on column identity.site.site_id is 'Ours, used by every other table.';
comment on column identity.site.identifier is 'FINESS number or AM number: 9 characters; the second may be A or B (Corsica).';
comment on column identity.site.label is 'Name of the place, for the desk.';

create table identity.account (
    account_id bigint generated always as identity primary key,
    professional_id bigint not null references identity.professional,
    site_id bigint not null references identity.site,
    left_at timestamptz,
    unique (professional_id, site_id)
);
create index account_site on identity.account (site_id);
comment on table identity.account is 'A named professional at one site: what budgets, holds and the journal are kept for.';
comment on column identity.account.account_id is 'Ours, used by every other table.';
comment on column identity.account.professional_id is 'The person.';
comment on column identity.account.site_id is 'The place.';
comment on column identity.account.left_at is 'When the person left this site; null while the account is open.';

create table identity.profession_domain (
    profession text not null,
    domain text not null check (
        domain in ('PHAR', 'LABO', 'OPTI', 'AUDI', 'DESO', 'DEPR', 'HOSP', 'MED', 'RADL', 'AUXM', 'TRAN')
    ),
    primary key (profession, domain)
);
comment on table identity.profession_domain is 'The domains of care that each profession may ask about; anything absent is refused.';
comment on column identity.profession_domain.profession is 'French code, as in identity.professional.';
comment on column identity.profession_domain.domain is 'Domain of care.';

create table identity.installation (
    installation_id bigint generated always as identity primary key,
    client_id text not null unique check (client_id ~ '^inst_[0-9a-f]{32}$'),
    site_id bigint not null references identity.site,
    vendor text not null check (char_length(vendor) between 1 and 80),
    jkt bytea not null unique check (octet_length(jkt) = 32),
    public_jwk text not null check (char_length(public_jwk) <= 200),
    enrolled_at timestamptz not null,
    revoked_at timestamptz,
    -- RFC 7638: the thumbprint is the hash of the canonical key, so the two can never drift apart.
    constraint installation_key_is_its_thumbprint check (jkt = sha256(convert_to(public_jwk, 'UTF8')))
);
create index installation_site on identity.installation (site_id);
comment on table identity.installation is 'One copy of a software at one site, with the key pair that was made where it runs.';
comment on column identity.installation.installation_id is 'Ours, used by every other table.';
comment on column identity.installation.client_id is 'Random public name, given at enrolment.';
comment on column identity.installation.site_id is 'The one site where it works.';
comment on column identity.installation.vendor is 'Label of the software''s maker; opens nothing.';
comment on column identity.installation.jkt is 'RFC 7638 SHA-256 thumbprint of the public key, 32 bytes.';
comment on column identity.installation.public_jwk is 'The public key as canonical JWK (RFC 7638): what the thumbprint is the hash of.';
comment on column identity.installation.enrolled_at is 'When its one-time code was used.';
comment on column identity.installation.revoked_at is 'When it was revoked, for ever; null while it may ask.';

create table identity.installation_account (
    installation_id bigint not null references identity.installation,
    account_id bigint not null references identity.account,
    primary key (installation_id, account_id)
);
create index installation_account_account on identity.installation_account (account_id);
comment on table identity.installation_account is 'The accounts that an installation may ask for.';
comment on column identity.installation_account.installation_id is 'The software.';
comment on column identity.installation_account.account_id is 'The account, at the same site.';

create table identity.enrolment_code (
    code_hash bytea primary key check (octet_length(code_hash) = 32),
    site_id bigint not null references identity.site,
    account_ids bigint [] not null check (cardinality(account_ids) between 1 and 200),
    vendor text not null check (char_length(vendor) between 1 and 80),
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index enrolment_code_expires on identity.enrolment_code (expires_at);
comment on table identity.enrolment_code is 'One-time codes with which a software enrols its key.';
comment on column identity.enrolment_code.code_hash is 'SHA-256 of the code; the code itself is shown once and kept nowhere.';
comment on column identity.enrolment_code.site_id is 'Where the software will work.';
comment on column identity.enrolment_code.account_ids is 'The accounts that it will ask for.';
comment on column identity.enrolment_code.vendor is 'Label of the software''s maker.';
comment on column identity.enrolment_code.issued_at is 'When the desk issued it.';
comment on column identity.enrolment_code.expires_at is 'From then on it opens nothing.';
comment on column identity.enrolment_code.used_at is 'When it was used; null until then.';

create table identity.token (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    installation_id bigint not null references identity.installation,
    jkt bytea not null check (octet_length(jkt) = 32),
    minted_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index token_installation on identity.token (installation_id);
create index token_expires on identity.token (expires_at);
comment on table identity.token is 'Access tokens: five minutes, bound to a key; a hash found in a dump opens nothing.';
comment on column identity.token.token_hash is 'SHA-256 of the token''s text.';
comment on column identity.token.installation_id is 'Whose it is.';
comment on column identity.token.jkt is 'Thumbprint of the key that each proof must be signed with.';
comment on column identity.token.minted_at is 'When it was made.';
comment on column identity.token.expires_at is 'From then on it opens nothing.';
comment on column identity.token.revoked_at is 'When it was revoked before its end; null otherwise.';

create table identity.assertion_jti (
    installation_id bigint not null,
    jti text not null check (char_length(jti) between 1 and 64),
    seen_at timestamptz not null,
    primary key (installation_id, jti)
);
create index assertion_jti_seen on identity.assertion_jti (seen_at);
comment on table identity.assertion_jti is 'Sign-in assertions already used.';
comment on column identity.assertion_jti.installation_id is 'Who signed it.';
comment on column identity.assertion_jti.jti is 'The assertion''s own identifier.';
comment on column identity.assertion_jti.seen_at is 'When it was used.';

create table identity.proof_jti (
    jkt bytea not null check (octet_length(jkt) = 32),
    jti text not null check (char_length(jti) between 1 and 64),
    seen_at timestamptz not null,
    primary key (jkt, jti)
);
create index proof_jti_seen on identity.proof_jti (seen_at);
comment on table identity.proof_jti is 'DPoP proofs already used.';
comment on column identity.proof_jti.jkt is 'Thumbprint of the key that signed it.';
comment on column identity.proof_jti.jti is 'The proof''s own identifier.';
comment on column identity.proof_jti.seen_at is 'When it was used.';

-- Initial choices, as narrow as the work allows: docs/access.md says why. RADL and TRAN are open to nobody yet.
insert into identity.profession_domain (profession, domain) values
('pharmacien', 'PHAR'),
('medecin', 'MED'),
('biologiste', 'LABO'),
('opticien', 'OPTI'),
('audioprothesiste', 'AUDI'),
('chirurgien_dentiste', 'DESO'),
('chirurgien_dentiste', 'DEPR'),
('infirmier', 'AUXM'),
('masseur_kinesitherapeute', 'AUXM'),
('sage_femme', 'MED'),
('sage_femme', 'AUXM'),
('hospitalier', 'HOSP');
