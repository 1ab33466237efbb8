-- A member is found by reference without reading everybody; a cover's own number, which nothing reads, makes room for it.
set role rempart_owner;

-- A cover is one of an insurer, a person, a rank and a first day: that is its key. The number was one more index to
-- fill for each, so with both changes a feed takes no longer than before (docs/performance.md).
-- squawk-ignore ban-drop-column
alter table registry.coverage drop column coverage_id;
alter table registry.coverage add constraint coverage_key primary key using index coverage_person;

-- By hash: references are random, are never read in an order, and a tree of them costs each cover twice as much.
-- squawk-ignore require-concurrent-index-creation
create index coverage_reference on registry.coverage using hash (member_reference);
