-- What: checks the ledger against itself and against the claims: what each account holds, and every claim that does not fit.
-- Charges or records: nothing.
-- Called by: rempart_jobs (rempart ledger check).
-- Locks: none; it reads one snapshot of both tables whole.
-- Round trips: one. One row always; balance_cents is 0 or the ledger is broken.
create or replace function billing.check_ledger()
returns table (
    balance_cents bigint, insurer_cents bigint, owed_cents bigint, in_batch_cents bigint, bank_cents bigint,
    claims bigint, batches bigint, wrong bytea[]
)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    with moved as (
        select l.claim_id, a.account, sum(a.cents) as cents
          from billing.ledger l
               cross join lateral (values (l.credit, l.amount_cents), (l.debit, -l.amount_cents)) as a (account, cents)
         group by l.claim_id, a.account
    ),
    -- Where each claim's money is: one account holds all of it, or it went back to the insurer.
    held as (
        select m.claim_id,
               coalesce(sum(m.cents) filter (where m.account = 'insurer'), 0) as insurer,
               coalesce(sum(m.cents) filter (where m.account = 'owed'), 0) as owed,
               coalesce(sum(m.cents) filter (where m.account = 'in_batch'), 0) as in_batch,
               coalesce(sum(m.cents) filter (where m.account = 'bank'), 0) as bank
          from moved m
         group by m.claim_id
    ),
    compared as (
        select coalesce(c.claim_id, h.claim_id) as claim_id,
               (coalesce(h.owed, 0), coalesce(h.in_batch, 0), coalesce(h.bank, 0), coalesce(h.insurer, 0))
               is distinct from (
                   case when c.state in ('accepted', 'returned') then c.amount_cents else 0 end::numeric,
                   case when c.state = 'batched' then c.amount_cents else 0 end::numeric,
                   case when c.state = 'paid' then c.amount_cents else 0 end::numeric,
                   case when c.state = 'cancelled' then 0 else -c.amount_cents end::numeric)
               or exists (select from billing.ledger l
                           where l.claim_id = c.claim_id
                             and (l.insurer_id, l.site_id) is distinct from (c.insurer_id, c.site_id)) as is_wrong
          from billing.claim c
               full join held h on h.claim_id = c.claim_id
    )
    select (select coalesce(sum(m.cents), 0) from moved m)::bigint,
           coalesce(sum(h.insurer), 0)::bigint, coalesce(sum(h.owed), 0)::bigint,
           coalesce(sum(h.in_batch), 0)::bigint, coalesce(sum(h.bank), 0)::bigint,
           (select count(*) from billing.claim), (select count(distinct l.batch_id) from billing.ledger l),
           array(select o.claim_id from compared o where o.is_wrong order by o.claim_id limit 100)
      from held h
$$;

comment on function billing.check_ledger() is 'What the accounts hold, and which claims do not fit the ledger.';
