-- What: cancels a claim of the token's own site that is not being paid yet; the guarantee may be claimed again.
-- Charges or records: the claim's state, and that nothing is owed for it; or a count of refusals.
-- Called by: rempart_edge, through billing/claims.py.
-- Locks: as billing.enter; the row of billing.engagement, then those of billing.claim and billing.answer.
-- Round trips: one. Refusals: as billing.enter; claim_unknown, claim_in_payment. One cancelled before is told as it is.
create or replace function billing.cancel_claim(_token text, _jkt bytea, _proof_jti text, _claim_id bytea)
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
    _known billing.claim;
begin
    select e.refused_because, e.installation_id, e.site_id into _who from billing.enter(_token, _jkt, _proof_jti) e;
    refused_because := _who.refused_because;
    if refused_because is not null then
        return next;
        return;
    end if;
    perform e.engagement_id from billing.engagement e
      where e.engagement_id = (select c.engagement_id from billing.claim c
                                where c.claim_id = _claim_id and c.site_id = _who.site_id)
        for no key update;
    select c.* into _known from billing.claim c
     where c.claim_id = _claim_id and c.site_id = _who.site_id
       for no key update;
    if not found then
        refused_because := 'claim_unknown';
    elsif _known.state not in ('accepted', 'cancelled') then
        refused_because := 'claim_in_payment';
    elsif _known.state = 'accepted' then
        update billing.claim c set state = 'cancelled', cancelled_at = clock_timestamp()
         where c.claim_id = _claim_id
        returning c.* into _known;
        perform billing.take_back(_known);
    end if;
    if refused_because is not null then
        perform billing.note_refusal(_who.installation_id, refused_because);
    else
        claim_id := _known.claim_id;
        state := _known.state;
        amount_cents := _known.amount_cents;
        promised_cents := _known.promised_cents;
        made_at := _known.made_at;
        disputed := billing.is_disputed(_known.claim_id);
    end if;
    return next;
end
$$;

comment on function billing.cancel_claim(text, bytea, text, bytea) is 'Cancels a claim that is not being paid yet.';
