-- What: whether this database may pay: not while it may be a copy, nor after a restore until somebody compared it with the bank.
-- Charges or records: nothing.
-- Called by: billing.open_batch, billing.note_file, billing.resume, billing.settle_batch, billing.lines_to_seal, foundation.restore, rempart_jobs (rempart pay run, rempart pay list, rempart jobs).
-- Locks: none.
-- Round trips: one from the payment, none from the others. One row always. because: not_taken_up, restored, or null: it pays.
create or replace function billing.stopped() returns table (because text, copy_at timestamptz)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    -- Fails closed: a row that is missing, or that nobody may see, stops the payment.
    select case when not coalesce(f.taken_up, false) then 'not_taken_up'
                when f.copy_at is not null and r.epoch is null then 'restored' end,
           case when r.epoch is null then f.copy_at end
      from (values (true)) as always (one)
           left join foundation.life() as f on always.one
           left join billing.resumption r on r.epoch = f.epoch
$$;

comment on function billing.stopped() is 'Why nothing is paid, and from when on a restored copy does not know what was paid.';
