-- What: why a quote cannot be made as it is stated, whoever it is about; null if it can; another_card, which is nobody's to be told.
-- Charges or records: nothing.
-- Called by: rights.ask_one, before anybody is looked for.
-- Locks: the row of billing.engagement that the quote amends: a claim on it goes before or comes after, as a whole.
-- Round trips: none of its own. Refusals: category_unknown, amounts_do_not_fit, authorization_unknown, authorization_claimed.
create or replace function billing.refuse_quote(
    _lines billing.line[], _replaces bytea, _domain text, _site bigint, _asked bytea
) returns text
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _replaced billing.engagement;
begin
    -- 1. The lines: categories of that domain, and amounts that can be.
    if exists (select from unnest(_lines) l
                where l.category <> all (array(select r.category from registry.category_rules(null, _domain) r))) then
        return 'category_unknown';
    elsif exists (select from unnest(_lines) l
                   where l.obligatory_cents > l.price_cents or l.obligatory_cents > l.base_cents) then
        return 'amounts_do_not_fit';
    elsif _replaces is null then
        return null;
    end if;

    -- 2. What it amends: this site's own, of that domain, still good, and not claimed.
    select e.* into _replaced
      from billing.engagement e
     where e.number_hash = _replaces and e.site_id = _site and e.domain = _domain
       and e.authorized and e.cancelled_at is null and e.expires_on >= current_date
       for no key update;
    if not found then
        return 'authorization_unknown';
    elsif exists (select from billing.claim c
                   where c.engagement_id = _replaced.engagement_id and c.state <> 'cancelled') then
        return 'authorization_claimed';
    elsif _replaced.asked <> _asked then
        -- Whose it is would be told by a refusal, for nothing: the caller answers as about a stranger, at that cost.
        return 'another_card';
    end if;
    return null;
end
$$;

comment on function billing.refuse_quote(billing.line[], bytea, text, bigint, bytea) is 'Why a quote cannot be made as it is stated; it concerns no person.';
