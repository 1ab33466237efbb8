-- What: the transfers of a batch, with what the payment alone can open.
-- Charges or records: nothing.
-- Called by: rempart_jobs (rempart pay run, rempart jobs).
-- Locks: none.
-- Round trips: one. In the order of the file.
create or replace function billing.read_transfers(_batch bigint)
returns table (end_to_end text, site text, label text, sealed bytea, amount_cents bigint)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select t.end_to_end, n.identifier, n.label, d.sealed, t.amount_cents
      from billing.transfer t
           join billing.bank_detail d on d.detail_id = t.detail_id
           cross join lateral identity.site_name(t.site_id) as n
     where t.batch_id = _batch
     order by t.transfer_id
$$;

comment on function billing.read_transfers(bigint) is 'The transfers of a batch, sealed bank details with them.';
