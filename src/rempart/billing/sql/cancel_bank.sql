-- What: cancels a change of a site's bank detail that still waits: the old one goes on being paid.
-- Charges or records: the row of billing.bank_detail says when.
-- Called by: rempart_desk (rempart site bank cancel).
-- Locks: that row.
-- Round trips: one. Refusals: site_unknown, nothing_waits.
create or replace function billing.cancel_bank(_site text) returns table (refused_because text, last_four text)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _site_id bigint := identity.id_of('site', _site);
begin
    if _site_id is null then
        refused_because := 'site_unknown';
    else
        update billing.bank_detail b set cancelled_at = clock_timestamp()
         where b.site_id = _site_id and b.cancelled_at is null and b.effective_at > clock_timestamp()
        returning b.last_four into cancel_bank.last_four;
        if not found then
            refused_because := 'nothing_waits';
        end if;
    end if;
    return next;
end
$$;

comment on function billing.cancel_bank(text) is 'Cancels a change of bank detail that waits.';
