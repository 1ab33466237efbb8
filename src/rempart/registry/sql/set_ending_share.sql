-- What: sets which share of an insurer's covers a feed may end without being confirmed.
-- Charges or records: the insurer's row.
-- Called by: rempart_desk, through registry/insurers.py.
-- Locks: the insurer's row.
-- Round trips: one.
create or replace function registry.set_ending_share(_amc text, _share_bp integer) returns boolean
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    update registry.insurer i set ending_share_bp = _share_bp where i.amc_number = _amc;
    return found;
end
$$;

comment on function registry.set_ending_share(text, integer) is 'The share of covers, in basis points, that a feed may end unconfirmed; false for an insurer that is not hosted.';
