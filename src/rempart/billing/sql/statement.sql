-- What: the debit statement of an insurer: every claim that was paid for it on these days, and everything that came back or that the operator bears from then on: statements of days that follow each other add up.
-- Charges or records: nothing.
-- Called by: rempart_jobs (rempart pay statement).
-- Locks: none.
-- Round trips: one. In the order of the ledger. disputed_because: why the insurer rejected it, as it stands now; it is debited all the same. The member's reference is opaque: only this insurer resolves it.
create or replace function billing.statement(_amc text, _from date, _until date)
returns table (
    moved_at timestamptz, message text, remittance text, site text, claim_id bytea, member_reference bytea, care_on date,
    step text, debit_cents integer, disputed_because text, settled text
)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    -- One name a transfer, not one a claim. When it moved is what counts: a return may come in another month than its payment.
    with sent as materialized (
        select t.batch_id, t.site_id, b.message, t.end_to_end, n.identifier, m.step
          from billing.batch b
               join billing.transfer t on t.batch_id = b.batch_id
               cross join lateral (values ('paid', b.paid_at), ('returned', t.returned_at)) as m (step, at)
               cross join lateral identity.site_name(t.site_id) as n
         where registry.amc_of(b.insurer_id) = _amc and m.at::date between _from and _until
    ),
    lines as (
        select l.move_no, l.moved_at, s.message, s.end_to_end, s.identifier, l.claim_id, l.step,
               case l.step when 'returned' then -l.amount_cents else l.amount_cents end as cents
          from sent s
               join billing.ledger l on l.batch_id = s.batch_id and l.site_id = s.site_id and l.step = s.step
         -- From when the operator bears a claim on, what becomes of its payment is not the insurer's.
         where not exists (select from billing.ledger u
                            where u.claim_id = l.claim_id and u.step = 'upheld' and u.move_no < l.move_no)
        union all
        -- What it was debited until then goes back to it, once.
        select u.move_no, u.moved_at, b.message, t.end_to_end, n.identifier, u.claim_id, u.step, -u.amount_cents
          from billing.ledger u
               cross join lateral (
                   select l.batch_id, l.step
                     from billing.ledger l
                    where l.claim_id = u.claim_id and l.step in ('paid', 'returned') and l.move_no < u.move_no
                    order by l.move_no desc
                    limit 1) as last
               join billing.batch b on b.batch_id = last.batch_id
               join billing.transfer t on t.batch_id = last.batch_id and t.site_id = u.site_id
               cross join lateral identity.site_name(u.site_id) as n
         where u.step = 'upheld' and last.step = 'paid'
           and registry.amc_of(u.insurer_id) = _amc and u.moved_at::date between _from and _until
    )
    select l.moved_at, l.message, l.end_to_end, l.identifier, l.claim_id, e.member_reference, e.care_on, l.step, l.cents,
           case when d.claim_id is null then a.because end, d.outcome
      from lines l
           join billing.claim c on c.claim_id = l.claim_id
           left join billing.answer a on a.claim_id = l.claim_id
           left join billing.settlement d on d.claim_id = l.claim_id
           join billing.engagement e on e.engagement_id = c.engagement_id
     order by l.move_no
$$;

comment on function billing.statement(text, date, date) is 'What an insurer is debited, claim by claim.';
