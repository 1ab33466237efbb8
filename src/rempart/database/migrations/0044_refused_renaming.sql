-- Who refused a feed that would give members other references is kept, as who let one go ahead.
set role rempart_owner;

alter table intake.upload add column refused_by text check (refused_by ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$');
alter table intake.upload add column refused_at timestamptz;
-- squawk-ignore constraint-missing-not-valid
alter table intake.upload add constraint upload_refused check (
    (refused_by is null) = (refused_at is null) and (refused_by is null or state = 'refused')
);
comment on column intake.upload.refused_by is 'Who of the operator''s refused to give members other references by it.';
comment on column intake.upload.refused_at is 'When.';
