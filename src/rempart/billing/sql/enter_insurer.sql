-- What: lets an insurer's software in: a token that answers claims, and a proof used up. Its insurer is the tenant from here on.
-- Charges or records: the proof, and a row of billing.insurer_visit that its caller takes away again (billing.leave_insurer).
-- Called by: billing.list_received, billing.read_received, billing.answer_claims.
-- Locks: the unique key of the proof, then a row of billing.insurer_visit of its own.
-- Round trips: none of its own. Refusals: invalid_token, proof_repeated, closed.
create or replace function billing.enter_insurer(_token text, _jkt bytea, _proof_jti text)
returns table (refused_because text, installation_id bigint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint;
begin
    -- One transaction, one tenant; and a claim that was cancelled meanwhile must be seen as cancelled.
    if pg_current_xact_id_if_assigned() is not null or current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'what an insurer does about claims is a transaction of its own' using errcode = 'RP001';
    end if;
    -- A caller may have turned it off; an answer that was told must outlive a crash.
    perform set_config('synchronous_commit', 'on', true);
    select s.installation_id, s.insurer_id into installation_id, _insurer_id from identity.sender(_token, _jkt, 'claims') s;
    if not found then
        refused_because := 'invalid_token';
    elsif identity.proof_first_seen(_jkt, _proof_jti) is not true then
        refused_because := 'proof_repeated';
    elsif guard.installation_closed(installation_id) then
        -- A gate on the platform or on the insurer stops questions. What is owed, and the delay to dispute it, goes on.
        refused_because := 'closed';
    else
        insert into billing.insurer_visit (insurer_id) values (_insurer_id);
    end if;
    return next;
end
$$;

comment on function billing.enter_insurer(text, bytea, text) is 'Makes the token''s insurer the tenant of this transaction, or says why not.';
