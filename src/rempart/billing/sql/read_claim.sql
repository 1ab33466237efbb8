-- What: what became of a claim of the token's own site.
-- Charges or records: nothing but the proof: it tells the site what it claimed, and of nobody what it had not said itself.
-- Called by: rempart_edge, through billing/claims.py.
-- Locks: as billing.enter.
-- Round trips: one. Refusals: as billing.enter; claim_unknown.
create or replace function billing.read_claim(_token text, _jkt bytea, _proof_jti text, _claim_id bytea)
returns table (
    refused_because text, claim_id bytea, state text, amount_cents integer, promised_cents integer, made_at timestamptz, disputed boolean
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _who record;
begin
    select e.refused_because, e.site_id into _who from billing.enter(_token, _jkt, _proof_jti) e;
    refused_because := _who.refused_because;
    if refused_because is null then
        select c.claim_id, c.state, c.amount_cents, c.promised_cents, c.made_at, billing.is_disputed(c.claim_id)
          into read_claim.claim_id, read_claim.state, read_claim.amount_cents, read_claim.promised_cents, read_claim.made_at,
               read_claim.disputed
          from billing.claim c
         where c.claim_id = _claim_id and c.site_id = _who.site_id;
        if not found then
            refused_because := 'claim_unknown';
        end if;
    end if;
    return next;
end
$$;

comment on function billing.read_claim(text, bytea, text, bytea) is 'What became of a claim.';
