-- What: the claims that wait for the token's insurer's answer, the most urgent first, a page at a time.
-- Charges or records: nothing but the proof.
-- Called by: rempart_intake, through billing/received.py.
-- Locks: as billing.enter_insurer.
-- Round trips: one. Refusals: as billing.enter_insurer; received_claim_unknown: the page's beginning is no claim of his.
create or replace function billing.list_received(_token text, _jkt bytea, _proof_jti text, _after bytea, _at_most integer)
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
declare
    _from timestamptz := clock_timestamp();
    _past bytea := '';
    _page bytea[];
begin
    select e.refused_because into refused_because from billing.enter_insurer(_token, _jkt, _proof_jti) e;
    if refused_because is not null then
        return next;
        return;
    end if;
    if _after is not null then
        select greatest(a.answer_by, _from), case when a.answer_by < _from then _past else a.claim_id end into _from, _past
          from billing.answer a
         where a.claim_id = _after;
        if not found then
            perform billing.leave_insurer();
            refused_because := 'received_claim_unknown';
            return next;
            return;
        end if;
    end if;
    _page := array(
        select a.claim_id
          from billing.answer a
               join billing.claim c on c.claim_id = a.claim_id
         where a.answer is null and c.state <> 'cancelled' and (a.answer_by, a.claim_id) > (_from, _past)
         order by a.answer_by, a.claim_id
         limit least(greatest(_at_most, 1), 201));
    return query
    select null::text, r.claim_id, r.state, r.member_reference, r.site, r.domain, r.care_on, r.claimed_at, r.amount_cents,
           r.lines, r.key_id, r.sealed, r.answer_by, r.answer, r.because, r.answered_at, r.settled, r.settled_at
      from billing.received(_page) as r;
    perform billing.leave_insurer();
end
$$;

comment on function billing.list_received(text, bytea, text, bytea, integer) is 'The claims that wait for an insurer''s answer.';
