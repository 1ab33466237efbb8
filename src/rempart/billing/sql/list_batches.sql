-- What: payment batches, newest first: all that nobody has said what became of, and those that were made, paid or abandoned in the last days.
-- Charges or records: nothing.
-- Called by: rempart_jobs (rempart pay run, rempart pay list, rempart jobs).
-- Locks: none.
-- Round trips: one.
create or replace function billing.list_batches(_days integer)
returns table (
    batch_id bigint, amc text, on_day date, message text, made_at timestamptz, file_digest bytea, paid_at timestamptz,
    abandoned_at timestamptz, settled_by text, settled_because text, bank_reference text, transfers bigint, returned bigint, claims bigint, amount_cents bigint
)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select b.batch_id, registry.amc_of(b.insurer_id), b.on_day, b.message, b.made_at, b.file_digest, b.paid_at,
           b.abandoned_at, b.settled_by, b.settled_because, b.bank_reference,
           count(*), count(*) filter (where t.state = 'returned'), sum(t.claims)::bigint, sum(t.amount_cents)::bigint
      from billing.batch b
           join billing.transfer t on t.batch_id = b.batch_id
     where coalesce(b.paid_at, b.abandoned_at) is null or b.on_day > current_date - _days
        or coalesce(b.paid_at, b.abandoned_at)::date > current_date - _days
     group by b.batch_id
     order by b.on_day desc, b.batch_id desc
$$;

comment on function billing.list_batches(integer) is 'Payment batches, with what they hold.';
