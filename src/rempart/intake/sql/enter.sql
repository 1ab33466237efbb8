-- What: makes the insurer behind a live token the tenant of this transaction, and uses the proof up.
-- Charges or records: the proof, and a row of intake.visit.
-- Called by: intake.begin_part, intake.report, intake.confirm_feed.
-- Locks: identity.proof_jti (unique), then a row of intake.visit of its own.
-- Round trips: none of its own. Refusals: invalid_token, proof_repeated, closed.
create or replace function intake.enter(_token text, _jkt bytea, _proof_jti text)
returns table (refused_because text, insurer_id bigint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _who record;
begin
    select s.installation_id, s.insurer_id into _who from identity.sender(_token, _jkt, 'feeds') s;
    if not found then
        return query select 'invalid_token', null::bigint;
        return;
    end if;
    if identity.proof_first_seen(_jkt, _proof_jti) is not true then
        return query select 'proof_repeated', null::bigint;
        return;
    end if;
    -- A gate on this installation or on the platform. One on the insurer stops questions about it,
    -- not the feed that puts it right.
    if guard.client_closed(_who.installation_id) then
        return query select 'closed', null::bigint;
        return;
    end if;
    insert into intake.visit (insurer_id) values (_who.insurer_id);
    return query select null::text, _who.insurer_id;
end
$$;

comment on function intake.enter(text, bytea, text) is 'Makes the token''s insurer the tenant of this transaction, or says why not.';
