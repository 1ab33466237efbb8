-- What: the last counter and hash of every chain, to compare with the entries.
-- Charges or records: nothing.
-- Called by: rempart_journal (journal verify).
-- Locks: none.
-- Round trips: one.
create or replace function journal.read_heads()
returns table (subject_kind smallint, subject_id bigint, counter bigint, head_hash bytea)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select h.subject_kind, h.subject_id, h.counter, h.head_hash
      from journal.head h
     where h.counter > 0
     order by h.subject_kind, h.subject_id
$$;

comment on function journal.read_heads() is 'Where every chain stands.';
