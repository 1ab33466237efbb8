-- What: payments to the token's own site, newest first: the last, or those before one of them, as bank statements show them.
-- Charges or records: nothing but the proof: it tells the site of its own money, and of nobody.
-- Called by: rempart_edge, through billing/remittances.py.
-- Locks: as billing.enter.
-- Round trips: one. At most 200, and one more. Refusals, in a row: as billing.enter; remittance_unknown: _before is no payment of this site's.
create or replace function billing.list_remittances(_token text, _jkt bytea, _proof_jti text, _before text)
returns table (
    refused_because text, remittance text, paid_at timestamptz, insurer text, amount_cents bigint, claims integer,
    state text, reason text, last_four text
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _site bigint;
    _oldest bigint;
begin
    select e.refused_because, e.site_id into refused_because, _site from billing.enter(_token, _jkt, _proof_jti) e;
    if refused_because is null and _before is not null then
        select t.transfer_id into _oldest
          from billing.transfer t
         where t.end_to_end = _before and t.site_id = _site and t.state in ('paid', 'returned');
        if not found then
            refused_because := 'remittance_unknown';
        end if;
    end if;
    if refused_because is not null then
        return next;
        return;
    end if;
    return query
    select null, n.remittance, n.paid_at, n.insurer, n.amount_cents, n.claims, n.state, n.reason, n.last_four
      from billing.transfer t
           cross join lateral billing.notice(t.end_to_end) as n
     where t.site_id = _site and t.state in ('paid', 'returned') and (_oldest is null or t.transfer_id < _oldest)
     order by t.transfer_id desc
     limit 201;
end
$$;

comment on function billing.list_remittances(text, bytea, text, text) is 'The last payments to a site, or those before one of them, and one more if there is.';
