-- What: the change of a site's bank detail that waits, so that its administrators are told of it.
-- Charges or records: nothing. Never what is sealed.
-- Called by: guard.list_alerts.
-- Locks: none.
-- Round trips: none of its own. No row: none waits.
create or replace function billing.bank_change(_site bigint)
returns table (last_four text, stated_at timestamptz, effective_at timestamptz)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select b.last_four, b.stated_at, b.effective_at
      from billing.bank_detail b
     where b.site_id = _site and b.cancelled_at is null and b.effective_at > clock_timestamp()
$$;

comment on function billing.bank_change(bigint) is 'The change of bank detail that waits at a site.';
