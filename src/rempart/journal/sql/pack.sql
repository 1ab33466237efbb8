-- What: writes fields one after another, each behind its length (docs/entry.md): what commitments and hashes are made of.
-- Charges or records: nothing.
-- Called by: journal.record_gate, whose role and settings it runs with: it reads nothing.
-- Locks: none.
-- Round trips: none of its own.
create or replace function journal.pack(variadic _fields bytea[]) returns bytea
language sql immutable
as $$
    select string_agg(journal.field(f.field), ''::bytea order by f.position)
      from unnest(_fields) with ordinality as f (field, position)
$$;

comment on function journal.pack(bytea[]) is 'Length-prefixed fields, absent ones as a length of minus one.';
