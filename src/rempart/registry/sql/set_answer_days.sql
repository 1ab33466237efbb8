-- What: states for how many days after its day an insurer may answer a claim. Claims already taken keep the delay that they have.
-- Charges or records: the insurer's row.
-- Called by: rempart_desk, through registry/insurers.py.
-- Locks: the insurer's row.
-- Round trips: one.
create or replace function registry.set_answer_days(_amc text, _days integer) returns boolean
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    update registry.insurer i set answer_days = _days where i.amc_number = _amc;
    return found;
end
$$;

comment on function registry.set_answer_days(text, integer) is 'How many days an insurer has to answer a claim; false for an insurer that is not hosted.';
