-- What: somebody says that the bank has a batch's file: its transfers and claims are paid. Again, it answers the same.
-- Charges or records: when; each transfer's and claim's state, and each claim's move to the bank, in this transaction.
-- Called by: billing.settle_batch, rempart_jobs (rempart pay confirm).
-- Locks: the row of billing.batch, then its transfers and its claims, which nobody else moves while they are in a batch.
-- Round trips: one. Refusals: batch_unknown, batch_abandoned, no_file.
create or replace function billing.confirm_batch(_message text)
returns table (refused_because text, batch_id bigint, paid_at timestamptz)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _batch billing.batch;
    _claims bytea[];
begin
    perform set_config('synchronous_commit', 'on', true);
    select b.* into _batch from billing.batch b where b.message = _message for no key update;
    refused_because := case when _batch.batch_id is null then 'batch_unknown' when _batch.abandoned_at is not null then 'batch_abandoned'
                            when _batch.file_digest is null then 'no_file' end;
    if refused_because is null and _batch.paid_at is null then
        _batch.paid_at := clock_timestamp();
        update billing.batch b set paid_at = _batch.paid_at where b.batch_id = _batch.batch_id;
        update billing.transfer t set state = 'paid' where t.batch_id = _batch.batch_id;
        _claims := array(select l.claim_id from billing.ledger l where l.batch_id = _batch.batch_id and l.step = 'batched' order by l.claim_id);
        update billing.claim c set state = 'paid' where c.claim_id = any (_claims);
        perform billing.move_all(_batch.batch_id, _claims, 'paid', 'in_batch', 'bank');
    end if;
    if refused_because is null then
        batch_id := _batch.batch_id;
        paid_at := _batch.paid_at;
    end if;
    return next;
end
$$;

comment on function billing.confirm_batch(text) is 'Marks a batch as paid once the bank has its file.';
