-- What: whether an account has used this client reference, and for what.
-- Charges or records: nothing.
-- Called by: rights.ask_one.
-- Locks: none; the caller holds the account's budget row, so no other transaction inserts for it.
-- Round trips: none of its own. Nulls when the reference is free.
create or replace function journal.first_use(
    _account bigint, _reference text,
    out entry_no bigint, out recorded_at timestamptz, out sameness bytea
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    select r.entry_no, r.recorded_at, r.sameness
      into entry_no, recorded_at, sameness
      from journal.reference r
     where r.account_id = _account and r.reference = _reference;
end
$$;

comment on function journal.first_use(bigint, text) is 'The first entry under a client reference, if there is one.';
