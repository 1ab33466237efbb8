-- What: what became of a prise en charge of the token's own site, by its number.
-- Charges or records: nothing but the proof: it tells the site what it was promised, and of nobody what it had not been told.
-- Called by: rempart_edge, through billing/authorizations.py.
-- Locks: as billing.enter.
-- Round trips: one. Refusals: as billing.enter; authorization_unknown.
create or replace function billing.read_authorization(_token text, _jkt bytea, _proof_jti text, _number_hash bytea)
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
begin
    select e.refused_because, e.site_id into _who from billing.enter(_token, _jkt, _proof_jti) e;
    refused_because := _who.refused_because;
    if refused_because is null then
        select e.* into _engaged from billing.engagement e
         where e.number_hash = _number_hash and e.site_id = _who.site_id and e.authorized;
        if not found then
            refused_because := 'authorization_unknown';
        else
            select t.state, t.amount_cents, t.given_at, t.expires_on, t.amounts
              into read_authorization.state, read_authorization.amount_cents, read_authorization.given_at,
                   read_authorization.expires_on, read_authorization.amounts
              from billing.authorization_told(_engaged) t;
        end if;
    end if;
    return next;
end
$$;

comment on function billing.read_authorization(text, bytea, text, bytea) is 'What became of a prise en charge.';
