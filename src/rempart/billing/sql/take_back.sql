-- What: takes back what a claim that was just cancelled is owed: from whichever account holds what its insurer owes for it, or the operator bears.
-- Charges or records: one move of the ledger.
-- Called by: billing.claim, billing.cancel_claim.
-- Locks: the claim's row of billing.answer: an answer or a settlement that is under way comes before, or finds the claim cancelled. The caller holds the claim.
-- Round trips: none of its own.
create or replace function billing.take_back(_claim billing.claim) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _answer text;
    _settled text;
begin
    select a.answer into strict _answer from billing.answer a where a.claim_id = _claim.claim_id for no key update;
    select s.outcome into _settled from billing.settlement s where s.claim_id = _claim.claim_id;
    perform billing.move(_claim, 'cancelled', 'owed', case when _settled = 'upheld' then 'operator'
                                                           when _answer = 'rejected' and _settled is null then 'disputed'
                                                           else 'insurer' end);
end
$$;

comment on function billing.take_back(billing.claim) is 'Takes back what is owed for a claim that was cancelled.';
