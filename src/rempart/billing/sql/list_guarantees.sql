-- What: what a site's people may bill, soonest over first, and what is claimed and not paid yet, newest first: number, care date, domain, amounts.
-- Charges or records: the proof. It tells nothing of a person beyond what each guarantee had told, and links no two of them.
-- Called by: rempart_edge, through billing/guarantees.py. Whose list it is, the session says.
-- Locks: those of identity.proved_reader.
-- Round trips: one. At most 101 rows of each; a refusal is one row. Today's are one's own; from the next day on claims are the site's, and its administrator sees what nobody billed.
create or replace function billing.list_guarantees(_token text, _jkt bytea, _proof_jti text)
returns table (
    refused_because text, engagement_id bytea, authorized boolean, domain text, care_on date, expires_on date,
    rate_bp integer, amount_cents integer, ceiling_cents integer, state text, claim_id bytea, claimed_at timestamptz,
    claimed_cents integer, because text, batched_on date, reason text, disputed boolean
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
    _today timestamptz := current_date::timestamptz;
begin
    select m.account_id, m.site_id, m.is_administrator, m.refused_because into strict _me
      from identity.proved_reader(_token, _jkt, _proof_jti) as m;
    if _me.refused_because is not null then
        refused_because := _me.refused_because;
        return next;
        return;
    end if;
    return query
    with unbilled as (
        select e as engaged, 1 as part, e.expires_on as due, null::timestamptz as at
          from (
            select o.engagement_id from billing.engagement o
             where o.site_id = _me.site_id and o.used_at is null and o.cancelled_at is null and not o.authorized
               -- Good for 30 days from the care or the question, and questions look back 31: what is good is no older.
               and o.care_on >= current_date - 62
            union
            select o.engagement_id from billing.engagement o
             where o.site_id = _me.site_id and o.used_at is null and o.cancelled_at is null and o.authorized
               and o.expires_on >= current_date
            union
            -- Its claim was cancelled, so it may be claimed again.
            select c.engagement_id from billing.claim c
             where c.site_id = _me.site_id and c.state = 'cancelled' and c.cancelled_at >= _today - interval '130 days'
               and not exists (select from billing.claim s where s.engagement_id = c.engagement_id and s.state <> 'cancelled')
          ) as one
          join billing.engagement e on e.engagement_id = one.engagement_id
         where e.cancelled_at is null and e.expires_on >= current_date
           and (e.account_id = _me.account_id or _me.is_administrator and e.given_at < _today)
         order by e.expires_on, e.engagement_id
         limit 101
    ), under_way as (
        select e as engaged, 2 as part, null::date as due, c.made_at as at
          from billing.claim c
          join billing.engagement e on e.engagement_id = c.engagement_id
         where c.site_id = _me.site_id and c.state in ('accepted', 'batched', 'returned')
           and (e.account_id = _me.account_id or c.made_at < _today)
         order by c.made_at desc
         limit 101
    )
    select null::text, (g.engaged).engagement_id, (g.engaged).authorized, (g.engaged).domain, (g.engaged).care_on,
           (g.engaged).expires_on, b.rate_bp, b.amount_cents, b.ceiling_cents,
           b.state, b.claim_id, b.claimed_at, b.claimed_cents, b.because, b.batched_on, b.reason, b.disputed
      from (select u.engaged, u.part, u.due, u.at from unbilled u
            union all
            select w.engaged, w.part, w.due, w.at from under_way w) as g
           cross join lateral billing.became(g.engaged) as b
     order by g.part, g.due, g.at desc, (g.engaged).engagement_id;
end
$$;

comment on function billing.list_guarantees(text, bytea, text) is 'What waits to be billed and what is claimed and not paid yet, to a live session''s own key.';
