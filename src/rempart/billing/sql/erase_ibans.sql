-- What: erases sealed IBANs that nothing is paid to any more: cancelled a month ago, or replaced thirteen months ago.
-- Charges or records: billing.bank_detail.sealed becomes null; its last four and its dates stay, since payments name it.
-- Called by: rempart_jobs (rempart purge, rempart jobs).
-- Locks: rows of billing.bank_detail that nobody holds; they are past every change.
-- Round trips: one a batch. Row-level security says the same periods, and keeps what a file may still have to be made from.
create or replace function billing.erase_ibans(_at_most integer) returns table (erased bigint, done boolean)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    update billing.bank_detail b set sealed = null
     where b.detail_id = any (array(
               select o.detail_id
                 from billing.bank_detail o
                where o.sealed is not null
                  and (o.cancelled_at < now() - interval '1 month'
                       or exists (select from billing.bank_detail n
                                   where n.site_id = o.site_id and n.place > o.place and n.cancelled_at is null
                                     and n.effective_at < now() - interval '13 months'))
                  and not exists (select from billing.transfer t join billing.batch p on p.batch_id = t.batch_id
                                   where t.detail_id = o.detail_id and p.paid_at is null and p.abandoned_at is null)
                limit _at_most
                  for update of o skip locked));
    get diagnostics erased = row_count;
    done := erased < _at_most;
    return next;
end
$$;

comment on function billing.erase_ibans(integer) is 'Erases sealed IBANs that are no longer paid to.';
