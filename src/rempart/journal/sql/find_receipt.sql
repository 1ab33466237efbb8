-- What: the entry that a receipt is for.
-- Charges or records: nothing.
-- Called by: rempart_journal (journal check-receipt --on-record).
-- Locks: none.
-- Round trips: one; reads every entry, as receipts are not indexed.
create or replace function journal.find_receipt(_receipt bytea) returns table (entry_no bigint, leaf_hash bytea)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select e.entry_no, e.leaf_hash
      from journal.entry e
     where e.receipt = _receipt
$$;

comment on function journal.find_receipt(bytea) is 'Number and leaf of the entry under a receipt number.';
