-- What: somebody says what became of a batch of which the bank's word is lost: executed, or never, and then its claims are owed again. Again, it answers the same.
-- Charges or records: who, when, and the bank's reference or the reason; each transfer's and claim's state, and each claim's move, in this transaction.
-- Called by: rempart_desk (rempart pay settle).
-- Locks: the row of billing.batch, then its transfers and its claims, which nobody else moves while they are in a batch.
-- Round trips: one. Refusals: reason_not_plain, reference_not_valid, author_not_valid, batch_unknown, no_file, batch_paid, batch_abandoned, settled_otherwise; never executed: not_taken_up, restored.
create or replace function billing.settle_batch(_message text, _executed boolean, _word text, _author text)
returns table (
    refused_because text, executed boolean, settled_at timestamptz, author text, word text,
    transfers bigint, claims bigint, amount_cents bigint
)
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
    refused_because := case
        when _executed and not coalesce(_word ~ '^[A-Za-z0-9][A-Za-z0-9./_-]{0,34}$', false) then 'reference_not_valid'
        when not _executed and not guard.plain_reason(_word) then 'reason_not_plain'
        when not coalesce(_author ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$', false) then 'author_not_valid' end;
    if _executed is null then
        raise exception 'a batch was executed or was not' using errcode = 'RP031';
    end if;
    -- A copy does not know what the bank was told since: nothing is owed again in it until somebody looked.
    if refused_because is null and not _executed then
        select s.because into strict refused_because from billing.stopped() s;
    end if;
    if refused_because is null then
        select b.* into _batch from billing.batch b where b.message = _message for no key update;
        refused_because := case
            when _batch.batch_id is null then 'batch_unknown'
            when _executed and _batch.abandoned_at is not null then 'batch_abandoned'
            when _executed and _batch.file_digest is null then 'no_file'
            when _executed and _batch.bank_reference <> _word then 'settled_otherwise'
            when not _executed and _batch.paid_at is not null then 'batch_paid' end;
    end if;
    if refused_because is not null then
        return next;
        return;
    end if;
    if _executed and _batch.bank_reference is null then
        -- The bank has it: as if that had been said in time.
        perform c.batch_id from billing.confirm_batch(_message) c;
        update billing.batch b set settled_by = _author, bank_reference = _word
         where b.batch_id = _batch.batch_id
        returning b.* into _batch;
    elsif not _executed and _batch.abandoned_at is null then
        update billing.batch b set abandoned_at = clock_timestamp(), settled_by = _author, settled_because = _word
         where b.batch_id = _batch.batch_id
        returning b.* into _batch;
        update billing.transfer t set state = 'abandoned' where t.batch_id = _batch.batch_id;
        _claims := array(select l.claim_id from billing.ledger l where l.batch_id = _batch.batch_id and l.step = 'batched' order by l.claim_id);
        -- Each is what it was before this batch.
        update billing.claim c
           set state = case when exists (select from billing.ledger r where r.claim_id = c.claim_id and r.step = 'returned')
                            then 'returned' else 'accepted' end
         where c.claim_id = any (_claims);
        perform billing.move_all(_batch.batch_id, _claims, 'abandoned', 'in_batch', 'owed');
    end if;
    executed := _batch.abandoned_at is null;
    settled_at := coalesce(_batch.abandoned_at, _batch.paid_at);
    author := _batch.settled_by;
    word := coalesce(_batch.settled_because, _batch.bank_reference);
    select count(*), sum(t.claims), sum(t.amount_cents) into transfers, claims, amount_cents
      from billing.transfer t where t.batch_id = _batch.batch_id;
    return next;
end
$$;

comment on function billing.settle_batch(text, boolean, text, text) is 'What became of a batch of which the bank''s word is lost.';
