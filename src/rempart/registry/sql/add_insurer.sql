-- What: begins to host an insurer's rights, or gives a hosted one another name.
-- Charges or records: one row of registry.insurer.
-- Called by: rempart_desk, through registry/insurers.py.
-- Locks: the insurer's row.
-- Round trips: one.
create or replace function registry.add_insurer(_amc text, _name text) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint;
begin
    insert into registry.insurer as i (amc_number, name)
    values (_amc, _name)
    on conflict (amc_number) do update set name = excluded.name
    returning i.insurer_id into strict _insurer_id;
    return _insurer_id;
end
$$;

comment on function registry.add_insurer(text, text) is 'Hosts an insurer; returns its id. Idempotent.';
