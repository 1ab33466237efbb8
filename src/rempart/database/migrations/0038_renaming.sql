-- A feed that an insurer sends may give members other references, with the operator's word alone.
set role rempart_owner;

-- The same constraint with one state more: every row fits.
alter table intake.upload
-- squawk-ignore ban-drop-constraint
drop constraint upload_state_check,
-- squawk-ignore constraint-missing-not-valid
add constraint upload_state_check check (
    state in ('receiving', 'checking', 'importing', 'needs_confirmation', 'needs_go_ahead', 'in_force', 'refused')
),
add column mapped bigint check (mapped >= 0),
add column renamed bigint check (renamed >= 0),
add column gone_ahead_by text check (gone_ahead_by ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$'),
add column gone_ahead_at timestamptz,
-- squawk-ignore constraint-missing-not-valid
add constraint upload_gone_ahead check ((gone_ahead_by is null) = (gone_ahead_at is null));
comment on column intake.upload.mapped is 'How many lines its map of references has; null without a map.';
comment on column intake.upload.renamed is 'How many people have another reference or another index by it, or would have.';
comment on column intake.upload.gone_ahead_by is 'Who of the operator''s said that members may get other references by it.';
comment on column intake.upload.gone_ahead_at is 'When.';

-- A few rows an insurer, and both within one transaction: there is never a moment without it.
-- squawk-ignore require-concurrent-index-deletion
drop index intake.upload_under_way;
-- squawk-ignore require-concurrent-index-creation
create unique index upload_under_way on intake.upload (insurer_id)
where state in ('receiving', 'checking', 'importing', 'needs_confirmation', 'needs_go_ahead');
