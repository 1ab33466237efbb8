-- What: billing.asked_not_billed for a site or an account, by the names that the desk has for them.
-- Charges or records: nothing.
-- Called by: rempart_desk, through billing/unbilled.py.
-- Locks: none.
-- Round trips: one. No row: no such site, or no such account there.
create or replace function billing.read_unbilled(_site text, _rpps text, _from timestamptz, _until timestamptz)
returns table (given bigint, claimed bigint, late bigint, waiting bigint, missing bigint)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _site_id bigint := identity.id_of('site', _site);
    _account_id bigint := case when _rpps is not null then identity.id_of('account', _rpps || '@' || _site) end;
begin
    if _site_id is null or (_rpps is not null and _account_id is null) then
        return;
    end if;
    return query
    select a.given, a.claimed, a.late, a.waiting, a.missing
      from billing.asked_not_billed(_site_id, _account_id, _from, _until) a;
end
$$;

comment on function billing.read_unbilled(text, text, timestamptz, timestamptz) is 'What a site or an account asked and never billed, by its name.';
