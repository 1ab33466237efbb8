-- What: binds a client reference to the entry that answered it.
-- Charges or records: one row of journal.reference.
-- Called by: rights.ask_one.
-- Locks: the unique key (account, reference); the caller holds the account's budget row.
-- Round trips: none of its own.
create or replace function journal.use_reference(
    _account bigint, _reference text, _sameness bytea, _entry_no bigint, _recorded_at timestamptz
) returns void
language sql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    insert into journal.reference (account_id, reference, sameness, entry_no, recorded_at)
    values (_account, _reference, _sameness, _entry_no, _recorded_at)
$$;

comment on function journal.use_reference(bigint, text, bytea, bigint, timestamptz) is 'A reference is used for one question.';
