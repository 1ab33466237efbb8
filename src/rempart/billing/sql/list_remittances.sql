-- What: the last payments to the token's own site, newest first, one a transfer: what the payee's bank statement shows.
-- Charges or records: nothing but the proof: it tells the site of its own money, and of nobody.
-- Called by: rempart_edge, through billing/remittances.py.
-- Locks: as billing.enter.
-- Round trips: one. At most 200. Refusals: as billing.enter, in a row of their own.
create or replace function billing.list_remittances(_token text, _jkt bytea, _proof_jti text)
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
begin
    select e.refused_because, e.site_id into refused_because, _site from billing.enter(_token, _jkt, _proof_jti) e;
    if refused_because is not null then
        return next;
        return;
    end if;
    return query
    select null, n.remittance, n.paid_at, n.insurer, n.amount_cents, n.claims, n.state, n.reason, n.last_four
      from billing.transfer t
           cross join lateral billing.notice(t.end_to_end) as n
     where t.site_id = _site and t.state in ('paid', 'returned')
     order by t.transfer_id desc
     limit 201;
end
$$;

comment on function billing.list_remittances(text, bytea, text) is 'The last payments to a site, and one more if there is.';
