-- What: charges "all questions" to an installation alone, when the professional it names is not linked to it.
-- Charges or records: one unit; returns the charge as bytes, or NULL when nothing is left.
-- Called by: rights.ask_one.
-- Locks: none new; rights.ask holds the row.
-- Round trips: none of its own.
create or replace function guard.charge_installation(_installation bigint, _now bigint) returns bytea
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _charges bytea;
begin
    update guard.budget b
       set all_tat = greatest(b.all_tat, _now) + b.all_every
     where b.kind = 1 and b.id = _installation
       and guard.has_one(b.all_tat, b.all_every, b.all_burst, _now)
    returning guard.charged(b.kind, b.id, 1::smallint, 1::smallint, b.all_burst, b.all_every, b.all_tat)
      into _charges;
    return _charges;
end
$$;

comment on function guard.charge_installation(bigint, bigint) is 'Charges one question to an installation; NULL when it has none left.';
