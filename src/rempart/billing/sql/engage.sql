-- What: gives a payment guarantee, or finds the unused one that this site already has for this person, domain and date.
-- Charges or records: one row of billing.engagement at most; returns what is promised by the one that was kept, nulls if its number was taken.
-- Called by: rights.ask_one, for covered outcomes only; billing.authorize.
-- Locks: the unique key (site, person, domain, date); the caller holds the site's budget row.
-- Round trips: none of its own.
create or replace function billing.engage(
    _engagement_id bytea, _number_hash bytea, _site bigint, _account bigint, _asked bytea,
    _domain text, _care_on date, _insurer_id bigint, _member_reference bytea, _plan_id bigint,
    _rate_bp integer, _amount_cents integer, _ceiling_cents integer, _terms_id bigint
) returns billing.engagement
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _kept billing.engagement;
begin
    loop
        insert into billing.engagement (
            engagement_id, number_hash, site_id, account_id, asked, domain, care_on, insurer_id,
            member_reference, plan_id, rate_bp, amount_cents, ceiling_cents, terms_id, given_at, expires_on)
        values (
            _engagement_id, _number_hash, _site, _account, _asked, _domain, _care_on, _insurer_id,
            _member_reference, _plan_id, _rate_bp, _amount_cents, _ceiling_cents, _terms_id, clock_timestamp(),
            -- A fixed offset: min(offset, end of cover) would tell when the cover ends.
            greatest(_care_on, current_date) + 30)
        on conflict do nothing
        returning * into _kept;
        exit when found;
        select e.* into _kept
          from billing.engagement e
         where e.site_id = _site and e.asked = _asked and e.domain = _domain and e.care_on = _care_on
           and e.used_at is null and e.cancelled_at is null and not e.authorized;
        exit when found;
        -- A number that exists is given to nobody else: an error would tell, with nothing on record, who is covered.
        exit when exists (select from billing.engagement e
                           where e.engagement_id = _engagement_id or e.number_hash = _number_hash);
        -- None: a claim used it up between the two. Then there is room for a new one.
    end loop;
    return _kept;
end
$$;

comment on function billing.engage(bytea, bytea, bigint, bigint, bytea, text, date, bigint, bytea, bigint, integer, integer, integer, bigint) is 'One unused engagement for a site, a person, a domain and a date.';
