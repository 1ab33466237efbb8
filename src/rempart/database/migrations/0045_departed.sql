-- Who left: an insurer's members of whom no cover is left, so that nobody comes back as somebody new.
set role rempart_owner;

create table registry.departed (
    insurer_id bigint not null,
    person_index bytea not null check (octet_length(person_index) = 32),
    member_reference bytea not null check (octet_length(member_reference) = 16),
    left_on date not null,
    primary key (insurer_id, person_index)
);
comment on table registry.departed is 'Members of whom no cover is left, by index: who comes back keeps his reference. No question reads it; erased on schedule.';
comment on column registry.departed.insurer_id is 'Whose member.';
comment on column registry.departed.person_index is 'As in coverage, which has none of this index any more.';
comment on column registry.departed.member_reference is 'The reference that the person had last; a map of references renames it.';
comment on column registry.departed.left_on is 'The day on which the last cover of this index went.';
-- By hash, as coverage_reference.
create index departed_reference on registry.departed using hash (member_reference);

-- The same constraint with one kind more: every row fits.
alter table journal.purge_part
-- squawk-ignore ban-drop-constraint
drop constraint purge_part_what_check,
-- squawk-ignore constraint-missing-not-valid
add constraint purge_part_what_check check (what in ('cover', 'met', 'payload', 'reference', 'staged', 'departed'));
