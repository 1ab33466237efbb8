-- What: checks the ledger against itself and against the claims: what each account holds, and every claim and batch that does not fit.
-- Charges or records: nothing.
-- Called by: rempart_jobs (rempart ledger check).
-- Locks: none; it reads one snapshot of both tables whole.
-- Round trips: one. One row always; balance_cents is 0 or the ledger is broken.
create or replace function billing.check_ledger()
returns table (
    balance_cents bigint, insurer_cents bigint, disputed_cents bigint, operator_cents bigint, owed_cents bigint, in_batch_cents bigint, bank_cents bigint,
    claims bigint, batches bigint, wrong bytea[], wrong_batches bigint[]
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
    -- Where each claim's money is: one account holds all of it, or it went back; what the insurer owes for it, disputed or not, or the operator bears, mirrors it.
    held as (
        select m.claim_id,
               coalesce(sum(m.cents) filter (where m.account = 'insurer'), 0) as insurer,
               coalesce(sum(m.cents) filter (where m.account = 'disputed'), 0) as disputed,
               coalesce(sum(m.cents) filter (where m.account = 'operator'), 0) as operator,
               coalesce(sum(m.cents) filter (where m.account = 'owed'), 0) as owed,
               coalesce(sum(m.cents) filter (where m.account = 'in_batch'), 0) as in_batch,
               coalesce(sum(m.cents) filter (where m.account = 'bank'), 0) as bank
          from moved m
         group by m.claim_id
    ),
    compared as (
        select coalesce(c.claim_id, h.claim_id) as claim_id,
               (coalesce(h.owed, 0), coalesce(h.in_batch, 0), coalesce(h.bank, 0),
                coalesce(h.insurer, 0), coalesce(h.disputed, 0), coalesce(h.operator, 0))
               is distinct from (
                   case when c.state in ('accepted', 'returned') then c.amount_cents else 0 end::numeric,
                   case when c.state = 'batched' then c.amount_cents else 0 end::numeric,
                   case when c.state = 'paid' then c.amount_cents else 0 end::numeric,
                   case when b.bears = 'insurer' then -c.amount_cents else 0 end::numeric,
                   case when b.bears = 'disputed' then -c.amount_cents else 0 end::numeric,
                   case when b.bears = 'operator' then -c.amount_cents else 0 end::numeric)
               -- A claim has its row for an answer, of its own insurer.
               or a.insurer_id is distinct from c.insurer_id
               -- What was settled is a claim that its own insurer rejected.
               or (s.claim_id is not null and (a.answer, s.insurer_id) is distinct from ('rejected', c.insurer_id))
               or exists (select from billing.ledger l
                           where l.claim_id = c.claim_id
                             and (l.insurer_id, l.site_id) is distinct from (c.insurer_id, c.site_id)) as is_wrong
          from billing.claim c
               full join held h on h.claim_id = c.claim_id
               left join billing.answer a on a.claim_id = c.claim_id
               left join billing.settlement s on s.claim_id = coalesce(c.claim_id, h.claim_id)
               cross join lateral (
                   select case when c.state = 'cancelled' then null
                               when s.outcome = 'upheld' then 'operator'
                               when a.answer = 'rejected' and s.outcome is null then 'disputed'
                               else 'insurer' end) as b (bears)
    ),
    -- What a batch paid to a payee is, claim by claim, what the ledger says of both, and where the transfer's state says.
    said as (
        select l.batch_id, l.site_id, count(*) filter (where l.step = 'batched') as claims,
               coalesce(sum(l.amount_cents) filter (where l.step = 'batched'), 0) as batched,
               coalesce(sum(l.amount_cents) filter (where l.step = 'abandoned'), 0) as abandoned,
               coalesce(sum(l.amount_cents) filter (where l.step = 'paid'), 0) as paid,
               coalesce(sum(l.amount_cents) filter (where l.step = 'returned'), 0) as returned
          from billing.ledger l
         where l.batch_id is not null
         group by l.batch_id, l.site_id
    ),
    transferred as (
        select coalesce(t.batch_id, s.batch_id, b.batch_id) as batch_id,
               (s.claims, s.batched, s.abandoned, s.paid, s.returned) is distinct from (
                   t.claims::bigint, t.amount_cents::numeric,
                   case when t.state = 'abandoned' then t.amount_cents else 0 end::numeric,
                   case when t.state in ('batched', 'abandoned') then 0 else t.amount_cents end::numeric,
                   case when t.state = 'returned' then t.amount_cents else 0 end::numeric)
               or b.batch_id is null or (b.paid_at is null) is distinct from (t.state in ('batched', 'abandoned'))
               or (b.abandoned_at is null) is distinct from (t.state <> 'abandoned') as is_wrong
          from billing.transfer t
               full join said s on s.batch_id = t.batch_id and s.site_id = t.site_id
               full join billing.batch b on b.batch_id = coalesce(t.batch_id, s.batch_id)
    )
    select (select coalesce(sum(m.cents), 0) from moved m)::bigint,
           coalesce(sum(h.insurer), 0)::bigint, coalesce(sum(h.disputed), 0)::bigint, coalesce(sum(h.operator), 0)::bigint, coalesce(sum(h.owed), 0)::bigint,
           coalesce(sum(h.in_batch), 0)::bigint, coalesce(sum(h.bank), 0)::bigint,
           (select count(*) from billing.claim), (select count(*) from billing.batch),
           array(select o.claim_id from compared o where o.is_wrong order by o.claim_id limit 100),
           array(select distinct t.batch_id from transferred t where t.is_wrong order by t.batch_id limit 100)
      from held h
$$;

comment on function billing.check_ledger() is 'What the accounts hold, and which claims do not fit the ledger.';
