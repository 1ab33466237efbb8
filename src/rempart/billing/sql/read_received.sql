-- What: one claim on the token's insurer, whatever became of it.
-- Charges or records: nothing but the proof.
-- Called by: rempart_intake, through billing/received.py.
-- Locks: as billing.enter_insurer.
-- Round trips: one. Refusals: as billing.enter_insurer; received_claim_unknown: no such claim, or another insurer's.
create or replace function billing.read_received(_token text, _jkt bytea, _proof_jti text, _claim_id bytea)
returns table (
    refused_because text, claim_id bytea, state text, member_reference bytea, site text, domain text, care_on date,
    claimed_at timestamptz, amount_cents integer, lines jsonb, key_id bytea, sealed bytea, answer_by timestamptz, answer text, because text,
    answered_at timestamptz, settled text, settled_at timestamptz
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    select e.refused_because into refused_because from billing.enter_insurer(_token, _jkt, _proof_jti) e;
    if refused_because is not null then
        return next;
        return;
    end if;
    return query
    select null::text, r.claim_id, r.state, r.member_reference, r.site, r.domain, r.care_on, r.claimed_at, r.amount_cents,
           r.lines, r.key_id, r.sealed, r.answer_by, r.answer, r.because, r.answered_at, r.settled, r.settled_at
      from billing.received(array[_claim_id]) as r;
    if not found then
        refused_because := 'received_claim_unknown';
        return next;
    end if;
    perform billing.leave_insurer();
end
$$;

comment on function billing.read_received(text, bytea, text, bytea) is 'One claim, for its insurer.';
