-- What: states the bank detail of a site, sealed. The first is in force at once, any other after 72 hours; the old one is paid until then.
-- Charges or records: one row of billing.bank_detail. What is sealed can be read back by nobody but the payment job.
-- Called by: rempart_desk (rempart site bank set).
-- Locks: the unique key (site, place): of two at the same moment, one is refused.
-- Round trips: one. Refusals: site_unknown, change_waits.
create or replace function billing.set_bank(_site text, _sealed bytea, _last_four text)
returns table (refused_because text, effective_at timestamptz)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _site_id bigint := identity.id_of('site', _site);
    _now timestamptz := clock_timestamp();
    _places integer;
    _had boolean;
    _waits boolean;
begin
    if _site_id is null then
        refused_because := 'site_unknown';
        return next;
        return;
    end if;
    select count(*), coalesce(bool_or(b.cancelled_at is null), false),
           coalesce(bool_or(b.cancelled_at is null and b.effective_at > _now), false)
      into _places, _had, _waits
      from billing.bank_detail b where b.site_id = _site_id;
    if _waits then
        refused_because := 'change_waits';
    else
        effective_at := _now + case when _had then interval '72 hours' else interval '0' end;
        insert into billing.bank_detail (site_id, place, sealed, last_four, stated_at, effective_at)
        values (_site_id, _places + 1, _sealed, _last_four, _now, set_bank.effective_at);
    end if;
    return next;
exception
    when unique_violation then
        refused_because := 'change_waits';
        effective_at := null;
        return next;
end
$$;

comment on function billing.set_bank(text, bytea, text) is 'States where a site is paid; a change waits 72 hours.';
