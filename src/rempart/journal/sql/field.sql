-- What: one field as every hash of the journal takes it: its bytes behind their length, or a length of minus one for none.
-- Charges or records: nothing.
-- Called by: journal.record, journal.on_record and journal.pack, whose role and settings it runs with: it reads nothing.
-- Locks: none.
-- Round trips: none of its own. A plain expression, so that PostgreSQL writes it into its callers' statements.
create or replace function journal.field(_bytes bytea) returns bytea
language sql immutable
as $$
    select case when _bytes is null then '\xffffffff'::bytea else int4send(octet_length(_bytes)) || _bytes end
$$;

comment on function journal.field(bytea) is 'One length-prefixed field.';
