-- What: whether an account has used this client reference, and for what.
-- Charges or records: nothing.
-- Called by: rights.ask_one.
-- Locks: none; the caller holds the account's budget row, so no other transaction inserts for it.
-- Round trips: none of its own.
create or replace function journal.first_use(_account bigint, _reference text)
returns table (entry_no bigint, recorded_at timestamptz, sameness bytea)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select r.entry_no, r.recorded_at, r.sameness
      from journal.reference r
     where r.account_id = _account and r.reference = _reference
$$;

comment on function journal.first_use(bigint, text) is 'The first entry under a client reference, if there is one.';
