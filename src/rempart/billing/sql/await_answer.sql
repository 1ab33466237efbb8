-- What: begins an insurer's delay to answer a claim that was just taken: to the end of the last day, in Paris.
-- Charges or records: a row of billing.answer. The delay is the one in force now; what the desk states later is for later claims.
-- Called by: billing.claim.
-- Locks: the unique key of billing.answer, the claim's own.
-- Round trips: none of its own.
create or replace function billing.await_answer(_claim billing.claim) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    insert into billing.answer (claim_id, insurer_id, answer_by)
    values (_claim.claim_id, _claim.insurer_id,
            (_claim.made_at::date + 1 + registry.answer_days(_claim.insurer_id))::timestamptz);
end
$$;

comment on function billing.await_answer(billing.claim) is 'Begins an insurer''s delay to answer.';
