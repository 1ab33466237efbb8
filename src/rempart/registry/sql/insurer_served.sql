-- What: finds an insurer whose rights are hosted here, by AMC number.
-- Charges or records: nothing; concerns no person.
-- Called by: rights.ask_one.
-- Locks: none.
-- Round trips: none of its own.
create or replace function registry.insurer_served(_amc text) returns bigint
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return (select i.insurer_id
              from registry.insurer i
             where i.amc_number = _amc and i.closed_at is null);
end
$$;

comment on function registry.insurer_served(text) is 'The insurer of an AMC number, or NULL when its rights are not hosted here.';
