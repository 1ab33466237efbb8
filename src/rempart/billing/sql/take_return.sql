-- What: the bank sent a transfer back: what it paid is owed again, and that bank detail is paid to no more. Again, it changes nothing and says so.
-- Charges or records: the transfer's state and reason, each claim's state and its move back from the bank, in this transaction.
-- Called by: rempart_jobs (rempart pay return).
-- Locks: the row of billing.batch, then the transfer and its claims.
-- Round trips: one. Refusals: transfer_unknown; not_paid: the bank cannot return what nobody gave it.
create or replace function billing.take_return(_end_to_end text, _reason text)
returns table (refused_because text, site text, claims integer, amount_cents bigint, is_new boolean)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _transfer billing.transfer;
    _claims bytea[];
begin
    perform set_config('synchronous_commit', 'on', true);
    perform b.batch_id from billing.batch b
      where b.batch_id = (select t.batch_id from billing.transfer t where t.end_to_end = _end_to_end)
        for no key update;
    select t.* into _transfer from billing.transfer t where t.end_to_end = _end_to_end for no key update;
    refused_because := case when _transfer.transfer_id is null then 'transfer_unknown' when _transfer.state in ('batched', 'abandoned') then 'not_paid' end;
    if refused_because is not null then
        return next;
        return;
    end if;
    is_new := _transfer.state = 'paid';
    if is_new then
        update billing.transfer t set state = 'returned', returned_at = clock_timestamp(), reason = _reason
         where t.transfer_id = _transfer.transfer_id;
        _claims := array(select l.claim_id from billing.ledger l
                          where l.batch_id = _transfer.batch_id and l.site_id = _transfer.site_id and l.step = 'batched'
                          order by l.claim_id);
        update billing.claim c set state = 'returned' where c.claim_id = any (_claims);
        perform billing.move_all(_transfer.batch_id, _claims, 'returned', 'bank', 'owed');
    end if;
    select n.identifier into site from identity.site_name(_transfer.site_id) n;
    claims := _transfer.claims;
    amount_cents := _transfer.amount_cents;
    return next;
end
$$;

comment on function billing.take_return(text, text) is 'Takes back what the bank returned.';
