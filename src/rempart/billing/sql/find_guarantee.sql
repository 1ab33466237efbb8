-- What: one guarantee of the session's own site by its number: what became of it, what it promised, and the lines of a prise en charge.
-- Charges or records: the proof. The lines are those that the site itself stated; they are told to whoever has the number, and listed nowhere.
-- Called by: rempart_edge, through billing/guarantees.py.
-- Locks: those of identity.proved_reader.
-- Round trips: one, one row. Refusals: as identity.proved_reader; engagement_unknown. Lines are null once they are erased (docs/purge.md).
create or replace function billing.find_guarantee(_token text, _jkt bytea, _proof_jti text, _number_hash bytea)
returns table (
    refused_because text, engagement_id bytea, authorized boolean, domain text, care_on date, expires_on date,
    rate_bp integer, amount_cents integer, ceiling_cents integer, state text, claim_id bytea, claimed_at timestamptz,
    claimed_cents integer, because text, batched_on date, reason text, disputed boolean, remittance text, paid_at timestamptz, last_four text,
    categories text[], quantities integer[], prices integer[], bases integer[], obligatories integer[], agreed integer[]
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
    _engaged billing.engagement;
begin
    select m.site_id, m.refused_because into strict _me from identity.proved_reader(_token, _jkt, _proof_jti) as m;
    refused_because := _me.refused_because;
    if refused_because is null then
        select e.* into _engaged from billing.engagement e where e.number_hash = _number_hash and e.site_id = _me.site_id;
        if not found then
            refused_because := 'engagement_unknown';
        end if;
    end if;
    if refused_because is not null then
        return next;
        return;
    end if;
    return query
    select null::text, _engaged.engagement_id, _engaged.authorized, _engaged.domain, _engaged.care_on, _engaged.expires_on,
           b.rate_bp, b.amount_cents, b.ceiling_cents, b.state, b.claim_id, b.claimed_at,
           b.claimed_cents, b.because, b.batched_on, b.reason, b.disputed, b.remittance, b.paid_at, b.last_four,
           l.categories, l.quantities, l.prices, l.bases, l.obligatories, l.agreed
      from billing.became(_engaged) as b
           cross join lateral (
               select array_agg(a.category order by a.place) as categories,
                      array_agg(a.quantity::integer order by a.place) as quantities,
                      array_agg(a.price_cents order by a.place) as prices,
                      array_agg(a.base_cents order by a.place) as bases,
                      array_agg(a.obligatory_cents order by a.place) as obligatories,
                      array_agg(a.amount_cents order by a.place) as agreed
                 from billing.authorized_line a
                where a.engagement_id = _engaged.engagement_id) as l;
end
$$;

comment on function billing.find_guarantee(text, bytea, text, bytea) is 'What became of one guarantee of a site, by its number.';
