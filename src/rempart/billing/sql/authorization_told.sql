-- What: a prise en charge as it stands, for the site that has its number: state, last day, amounts; nothing of whom or of what.
-- Charges or records: nothing.
-- Called by: billing.read_authorization, billing.cancel_authorization.
-- Locks: none of its own.
-- Round trips: none of its own. Amounts are null once the lines are erased.
create or replace function billing.authorization_told(
    _engaged billing.engagement,
    out state text, out amount_cents integer, out given_at timestamptz, out expires_on date, out amounts integer[]
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    state := case
        when _engaged.replaced_by is not null then 'replaced'
        when _engaged.cancelled_at is not null then 'cancelled'
        when exists (select from billing.claim c
                      where c.engagement_id = _engaged.engagement_id and c.state <> 'cancelled') then 'claimed'
        when _engaged.expires_on < current_date then 'expired'
        else 'standing' end;
    given_at := _engaged.given_at;
    expires_on := _engaged.expires_on;
    select array_agg(l.amount_cents order by l.place), sum(l.amount_cents) into amounts, amount_cents
      from billing.authorized_line l
     where l.engagement_id = _engaged.engagement_id;
end
$$;

comment on function billing.authorization_told(billing.engagement) is 'What a prise en charge has come to.';
