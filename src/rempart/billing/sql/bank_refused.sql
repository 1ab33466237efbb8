-- What: the bank detail of a site that the bank sent a payment back from, while no other is in force: nothing is paid there until then.
-- Charges or records: nothing. Never what is sealed.
-- Called by: guard.list_alerts.
-- Locks: none.
-- Round trips: none of its own. No row: the site can be paid, or has no bank detail.
create or replace function billing.bank_refused(_site bigint) returns table (last_four text, returned_at timestamptz)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select b.last_four, min(t.returned_at)
      from billing.bank_detail b
           join billing.transfer t on t.detail_id = b.detail_id and t.state = 'returned'
     where b.detail_id = billing.bank_in_force(_site)
     group by b.last_four
$$;

comment on function billing.bank_refused(bigint) is 'The bank detail of a site that payments come back from.';
