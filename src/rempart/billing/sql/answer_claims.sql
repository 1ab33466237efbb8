-- What: takes an insurer's answers to claims of its own, each once and within its delay; what it rejects is owed by it all the same.
-- Charges or records: the answer; for a rejection the claim's amount, from what the insurer owes to what it owes and disputes.
-- Called by: rempart_intake, through billing/received.py.
-- Locks: as billing.enter_insurer; then rows of billing.answer, by claim. Payment never touches those: no answer keeps a claim from being paid.
-- Round trips: one. Refusals: as billing.enter_insurer; of each answer received_claim_unknown, claim_cancelled, answered_otherwise, answer_too_late.
create or replace function billing.answer_claims(
    _token text, _jkt bytea, _proof_jti text, _claims bytea[], _answers text[], _reasons text[]
)
returns table (
    refused_because text, place bigint, claim_id bytea, answer text, because text, answered_at timestamptz,
    not_taken_because text
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _software bigint;
    _one record;
    _known record;
    _claim record;
begin
    if cardinality(_claims) not between 1 and 200 or cardinality(_answers) <> cardinality(_claims)
       or cardinality(_reasons) <> cardinality(_claims) then
        raise exception 'answers are 1 to 200, each with a claim and a reason or none' using errcode = 'RP031';
    end if;
    select e.refused_because, e.installation_id into refused_because, _software
      from billing.enter_insurer(_token, _jkt, _proof_jti) e;
    if refused_because is not null then
        return next;
        return;
    end if;
    for _one in
        select q.claim_id, q.answer, q.because, q.place
          from unnest(_claims, _answers, _reasons) with ordinality as q (claim_id, answer, because, place)
         order by q.claim_id, q.place
    loop
        place := _one.place;
        claim_id := _one.claim_id;
        not_taken_because := null;
        -- 1. Held while nobody answered it; whoever cancels the claim holds it, too. One that was answered can't be held.
        select a.insurer_id, a.answer_by, a.answer, a.because, a.answered_at into _known
          from billing.answer a
         where a.claim_id = _one.claim_id
           for no key update;
        if not found then
            -- 2. Answered before: the same is the same, whenever and whatever became of the claim; or not his at all.
            select a.insurer_id, a.answer_by, a.answer, a.because, a.answered_at into _known
              from billing.answer a
             where a.claim_id = _one.claim_id;
            if not found then
                not_taken_because := 'received_claim_unknown';
            elsif (_known.answer, _known.because) is distinct from (_one.answer, _one.because) then
                not_taken_because := 'answered_otherwise';
            end if;
        else
            -- 3. Not answered yet.
            select c.site_id, c.amount_cents, c.state into strict _claim from billing.claim c where c.claim_id = _one.claim_id;
            if _claim.state = 'cancelled' then
                not_taken_because := 'claim_cancelled';
            elsif clock_timestamp() >= _known.answer_by then
                not_taken_because := 'answer_too_late';
            else
                update billing.answer a
                   set answer = _one.answer, because = _one.because, answered_at = clock_timestamp(), installation_id = _software
                 where a.claim_id = _one.claim_id
                returning a.answer, a.because, a.answered_at into _known.answer, _known.because, _known.answered_at;
                if _one.answer = 'rejected' then
                    insert into billing.ledger (insurer_id, site_id, claim_id, step, debit, credit, amount_cents)
                    values (_known.insurer_id, _claim.site_id, _one.claim_id, 'rejected', 'disputed', 'insurer', _claim.amount_cents);
                end if;
            end if;
        end if;
        answer := case when not_taken_because is null then _known.answer end;
        because := case when not_taken_because is null then _known.because end;
        answered_at := case when not_taken_because is null then _known.answered_at end;
        return next;
    end loop;
    perform billing.leave_insurer();
end
$$;

comment on function billing.answer_claims(text, bytea, text, bytea[], text[], text[]) is 'Takes an insurer''s answers to its claims.';
