-- A key whose exceptions were counted only after the copy that was restored has no row of them: it begins used up all the same.
set role rempart_owner;

alter table guard.exception_cap add column emptied_at bigint not null default 0;
comment on column guard.exception_cap.emptied_at is 'Guard time of the last restore: a key without a row has used up what it had then; 0 if there was none.';
