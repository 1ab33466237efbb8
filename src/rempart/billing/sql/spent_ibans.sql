-- What: lists sealed IBANs that nothing is paid to any more: cancelled, or replaced by one in force, before a day.
-- Charges or records: nothing.
-- Called by: billing.erase_ibans, journal.foresee_purge.
-- Locks: none. What a file may still have to be made from is not among them.
-- Round trips: none of its own.
create or replace function billing.spent_ibans(_what text, _before date) returns setof bigint
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select o.detail_id
      from billing.bank_detail o
     where o.sealed is not null
       and case _what
               when 'cancelled_iban' then o.cancelled_at < _before::timestamptz
               when 'replaced_iban' then
                   o.cancelled_at is null
                   and exists (select from billing.bank_detail n
                                where n.site_id = o.site_id and n.place > o.place and n.cancelled_at is null
                                  and n.effective_at < _before::timestamptz)
           end
       and not exists (select from billing.transfer t join billing.batch p on p.batch_id = t.batch_id
                        where t.detail_id = o.detail_id and p.paid_at is null and p.abandoned_at is null)
$$;

comment on function billing.spent_ibans(text, date) is 'Lists sealed IBANs that nothing is paid to any more.';
