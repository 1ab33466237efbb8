-- What: lets a live token in that proves this very request, for what concerns claims, and uses the proof up.
-- Charges or records: the proof. Never a budget: claiming tells nothing about a person, and what was guaranteed is owed.
-- Called by: billing.claim, billing.cancel_claim, billing.read_claim, billing.list_remittances, billing.read_remittance.
-- Locks: identity.proof_jti (unique), before any row of this feature (docs/locks.md).
-- Round trips: none of its own. Refusals: invalid_token, proof_repeated. Raises where its transaction wrote before: that could be rolled back.
create or replace function billing.enter(_token text, _jkt bytea, _proof_jti text)
returns table (refused_because text, installation_id bigint, site_id bigint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    -- Whoever asked in this very transaction would learn from his guarantee what is not on record yet (P1).
    if pg_current_xact_id_if_assigned() is not null then
        raise exception 'a claim is a transaction of its own' using errcode = 'RP001';
    end if;
    -- In a snapshot taken before its turn came, it would not see a claim that was made meanwhile.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'a claim is made in a transaction that reads what is committed' using errcode = 'RP001';
    end if;
    -- A caller may have turned it off; what is accepted is owed, and must outlive a crash.
    perform set_config('synchronous_commit', 'on', true);
    select c.installation_id, c.site_id into installation_id, site_id from identity.claimant(_token, _jkt) c;
    if not found then
        refused_because := 'invalid_token';
    elsif identity.proof_first_seen(_jkt, _proof_jti) is not true then
        refused_because := 'proof_repeated';
    end if;
    return next;
end
$$;

comment on function billing.enter(text, bytea, text) is 'Whose request about claims this is, or why it is refused.';
