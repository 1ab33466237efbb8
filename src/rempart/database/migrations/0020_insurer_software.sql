-- An insurer's own software: an installation that sends feeds and can do nothing else.
set role rempart_owner;

-- An installation belongs to a site and asks, or to an insurer and sends feeds; never both, never neither. No
-- function makes one without a site but for an insurer, and these tables are small: checking them takes an instant.
-- squawk-ignore ban-drop-not-null
alter table identity.installation alter column site_id drop not null;
alter table identity.installation add column insurer_id bigint;
alter table identity.installation add column scope text not null default 'rights';
-- squawk-ignore constraint-missing-not-valid
alter table identity.installation add constraint installation_is_a_sites_or_an_insurers check (
    (scope = 'rights' and site_id is not null and insurer_id is null)
    or (scope = 'feeds' and site_id is null and insurer_id is not null)
);
comment on table identity.installation is 'One copy of a software at one site or at one insurer, with the key pair that was made where it runs.';
comment on column identity.installation.site_id is 'The one site where it works; null for an insurer''s.';
comment on column identity.installation.insurer_id is 'The insurer whose feeds it sends; null for a site''s.';
comment on column identity.installation.scope is 'What its tokens open: rights asks about people, feeds sends covers. One of them, for ever.';

-- squawk-ignore ban-drop-not-null
alter table identity.enrolment_code alter column site_id drop not null;
alter table identity.enrolment_code add column insurer_id bigint;
-- squawk-ignore ban-drop-constraint
alter table identity.enrolment_code drop constraint enrolment_code_account_ids_check;
-- squawk-ignore constraint-missing-not-valid
alter table identity.enrolment_code add constraint enrolment_code_is_a_sites_or_an_insurers check (
    (site_id is not null and insurer_id is null and cardinality(account_ids) between 1 and 200)
    or (site_id is null and insurer_id is not null and cardinality(account_ids) = 0)
);
comment on column identity.enrolment_code.site_id is 'Where the software will work; null for an insurer''s.';
comment on column identity.enrolment_code.insurer_id is 'The insurer whose feeds the software will send; null for a site''s.';
comment on column identity.enrolment_code.account_ids is 'The accounts that it will ask for; none for an insurer''s.';

alter table identity.token add column scope text not null default 'rights'
check (scope in ('rights', 'feeds'));
comment on column identity.token.scope is 'What it opens, as its installation''s scope was when it was minted.';
