-- A code or an invitation opens nothing once the administrator who obtained it is stopped or has left.
set role rempart_owner;

alter table identity.enrolment_code add column obtained_by bigint;
comment on column identity.enrolment_code.obtained_by is 'The account of the site''s administrator who obtained it; null for the desk''s.';
alter table identity.invitation add column obtained_by bigint;
comment on column identity.invitation.obtained_by is 'The account of the site''s administrator who invited or approved; null for the desk''s.';
