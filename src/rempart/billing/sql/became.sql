-- What: what became of a guarantee, for its site: what it promised; to be billed, over, claimed, on its way, paid (when, by which payment), or why not.
-- Charges or records: nothing. Never whom it is for, nor what was delivered.
-- Called by: billing.list_guarantees, billing.find_guarantee.
-- Locks: none of its own.
-- Round trips: none of its own. because: no_bank_detail, bank_returned (what is owed waits for another bank detail); null: nothing is in the way.
create or replace function billing.became(
    _engaged billing.engagement,
    out rate_bp integer, out amount_cents integer, out ceiling_cents integer,
    out state text, out claim_id bytea, out claimed_at timestamptz, out claimed_cents integer, out because text,
    out batched_on date, out remittance text, out paid_at timestamptz, out last_four text, out reason text,
    out disputed boolean
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _detail bigint;
begin
    disputed := false;
    -- What was promised: of a prise en charge, its lines' amounts and no more (null once they are erased).
    if _engaged.authorized then
        select sum(l.amount_cents) into amount_cents from billing.authorized_line l where l.engagement_id = _engaged.engagement_id;
    else
        rate_bp := _engaged.rate_bp;
        amount_cents := _engaged.amount_cents;
        ceiling_cents := _engaged.ceiling_cents;
    end if;
    select c.state, c.claim_id, c.made_at, c.amount_cents into state, claim_id, claimed_at, claimed_cents
      from billing.claim c
     where c.engagement_id = _engaged.engagement_id and c.state <> 'cancelled';
    if not found then
        state := case when _engaged.replaced_by is not null then 'replaced'
                      when _engaged.cancelled_at is not null then 'cancelled'
                      when _engaged.expires_on < current_date then 'expired'
                      else 'to_bill' end;
        return;
    end if;
    -- The insurer said no: it is paid all the same.
    disputed := billing.is_disputed(became.claim_id);
    -- The last payment that it was in: a claim that came back is batched again. One that was abandoned was none.
    select b.on_day, case when t.state in ('paid', 'returned') then t.end_to_end end, b.paid_at, d.last_four, t.reason
      into batched_on, remittance, paid_at, last_four, reason
      from billing.ledger l
           join billing.transfer t on t.batch_id = l.batch_id and t.site_id = l.site_id and t.state <> 'abandoned'
           join billing.batch b on b.batch_id = t.batch_id
           join billing.bank_detail d on d.detail_id = t.detail_id
     where l.claim_id = became.claim_id and l.step = 'batched'
     order by l.move_no desc
     limit 1;
    if state in ('accepted', 'returned') then
        _detail := billing.bank_in_force(_engaged.site_id);
        because := case when _detail is null then 'no_bank_detail'
                        when exists (select from billing.transfer t where t.detail_id = _detail and t.state = 'returned')
                        then 'bank_returned' end;
    end if;
end
$$;

comment on function billing.became(billing.engagement) is 'What became of a guarantee: of nobody, and of nothing that was delivered.';
