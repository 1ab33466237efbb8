-- What: somebody says how a dispute over a rejected claim ended: the insurer owes it after all, or the operator bears it. Again, it answers the same.
-- Charges or records: who, when and why, once; and the claim's one move out of disputed, in this transaction. Nothing moves on the site's side.
-- Called by: rempart_desk (rempart ledger settle-dispute).
-- Locks: the claim's row of billing.answer, as who cancels it does; then the unique keys of its settlement and its move. Payment takes none of these.
-- Round trips: one. Refusals: reason_not_plain, author_not_valid, claim_unknown, settled_otherwise, not_disputed, claim_cancelled.
create or replace function billing.settle_dispute(_claim_id bytea, _outcome text, _reason text, _author text)
returns table (
    refused_because text, amc text, state text, amount_cents integer, outcome text, settled_at timestamptz, author text, reason text
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _answer text;
    _claim billing.claim;
    _settled billing.settlement;
begin
    if (_outcome in ('withdrawn', 'upheld')) is not true then
        raise exception 'a dispute is withdrawn or upheld' using errcode = 'RP031';
    end if;
    perform set_config('synchronous_commit', 'on', true);
    refused_because := case
        when not guard.plain_reason(_reason) then 'reason_not_plain'
        when not coalesce(_author ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$', false) then 'author_not_valid' end;
    if refused_because is null then
        -- 1. Of all who settle it, cancel it or answer it, one goes on; what he did is read below, once it is committed.
        select a.answer into _answer from billing.answer a where a.claim_id = _claim_id for no key update;
        select c.* into _claim from billing.claim c where c.claim_id = _claim_id;
        select s.* into _settled from billing.settlement s where s.claim_id = _claim_id;
        refused_because := case
            when _claim.claim_id is null then 'claim_unknown'
            when _settled.outcome <> _outcome then 'settled_otherwise'
            when _settled.claim_id is not null then null
            when _answer is distinct from 'rejected' then 'not_disputed'
            when _claim.state = 'cancelled' then 'claim_cancelled' end;
    end if;
    if refused_because is not null then
        return next;
        return;
    end if;
    -- 2. Once: from then on it is told as it is on record.
    if _settled.claim_id is null then
        insert into billing.settlement as s (claim_id, insurer_id, outcome, settled_at, author, reason)
        values (_claim_id, _claim.insurer_id, _outcome, clock_timestamp(), _author, _reason)
        returning s.* into _settled;
        perform billing.move(_claim, _outcome, case _outcome when 'upheld' then 'operator' else 'insurer' end, 'disputed');
    end if;
    amc := registry.amc_of(_claim.insurer_id);
    state := _claim.state;
    amount_cents := _claim.amount_cents;
    outcome := _settled.outcome;
    settled_at := _settled.settled_at;
    author := _settled.author;
    reason := _settled.reason;
    return next;
end
$$;

comment on function billing.settle_dispute(bytea, text, text, text) is 'Ends a dispute over a claim that its insurer rejected.';
