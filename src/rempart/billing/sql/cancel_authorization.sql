-- What: cancels a prise en charge of the token's own site, of which nothing is claimed; what it took of a frequency is free again.
-- Charges or records: the guarantee as cancelled, the frequency that it took; or a count of refusals.
-- Called by: rempart_edge, through billing/authorizations.py.
-- Locks: as billing.enter; the row of billing.engagement, then those of billing.frequency_use.
-- Round trips: one. Refusals: as billing.enter; authorization_unknown, authorization_claimed. One cancelled before is told as it is.
create or replace function billing.cancel_authorization(_token text, _jkt bytea, _proof_jti text, _number_hash bytea)
returns table (
    refused_because text, state text, amount_cents integer, given_at timestamptz, expires_on date, amounts integer[]
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _who record;
    _engaged billing.engagement;
    _told record;
begin
    select e.refused_because, e.installation_id, e.site_id into _who from billing.enter(_token, _jkt, _proof_jti) e;
    refused_because := _who.refused_because;
    if refused_because is not null then
        return next;
        return;
    end if;
    -- Held from here on: whoever claims it goes before or comes after.
    select e.* into _engaged from billing.engagement e
     where e.number_hash = _number_hash and e.site_id = _who.site_id and e.authorized
       for no key update;
    select t.state, t.amount_cents, t.given_at, t.expires_on, t.amounts into _told from billing.authorization_told(_engaged) t;
    if _engaged.engagement_id is null then
        refused_because := 'authorization_unknown';
    elsif _told.state = 'claimed' then
        refused_because := 'authorization_claimed';
    end if;
    if refused_because is not null then
        perform billing.note_refusal(_who.installation_id, refused_because);
    else
        state := _told.state;
        if _engaged.cancelled_at is null then
            state := 'cancelled';
            update billing.engagement e set cancelled_at = clock_timestamp() where e.engagement_id = _engaged.engagement_id;
            delete from billing.frequency_use u where u.engagement_id = _engaged.engagement_id;
        end if;
        amount_cents := _told.amount_cents;
        given_at := _told.given_at;
        expires_on := _told.expires_on;
        amounts := _told.amounts;
    end if;
    return next;
end
$$;

comment on function billing.cancel_authorization(text, bytea, text, bytea) is 'Cancels a prise en charge that nothing is claimed of.';
