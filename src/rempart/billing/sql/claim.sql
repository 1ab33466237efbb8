-- What: takes a claim on a guarantee: once, and for no more than was promised; or refuses it with one reason.
-- Charges or records: the claim and its lines, what is owed, the guarantee as used, a claim that it replaces; or a count of refusals.
-- Called by: rempart_edge, through billing/claims.py.
-- Locks: as billing.enter; the row of billing.engagement; a row of billing.claim that is replaced, and its answer; the claim's unique keys.
-- Round trips: one. Refusals: as billing.enter and those of docs/money.md; none depends on gates, holds or budgets.
create or replace function billing.claim(_token text, _jkt bytea, _proof_jti text, _claim jsonb, _stated jsonb)
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
    _put billing.claim_put := jsonb_populate_record(null::billing.claim_put, _claim);
    _lines billing.line[] := array(select l from jsonb_populate_recordset(null::billing.line, _stated) l);
    _who record;
    _engaged billing.engagement;
    _known billing.claim;
    _replaced billing.claim;
    _rules billing.rule[];
    _guarantee billing.rule;
    _promised integer[];
begin
    -- 1. Only a faulty caller leaves a field out or makes one too large.
    if (octet_length(_put.claim_id) = 16 and octet_length(_put.engagement_hash) = 32 and octet_length(_put.sameness) = 32
        and char_length(_put.reference) between 1 and 64 and cardinality(_lines) between 1 and 40
        and (_put.replaces is null or octet_length(_put.replaces) = 16) and coalesce(_put.amount_cents, 1) > 0
        and (select bool_and(coalesce(l.quantity between 1 and 999 and l.price_cents between 0 and 10000000
                                      and l.base_cents between 0 and 10000000 and l.category is not null
                                      and l.obligatory_cents between 0 and 10000000, false))
               from unnest(_lines) l)) is not true then
        raise exception 'a claim has a field that is missing or of the wrong size' using errcode = 'RP031';
    end if;

    -- 2. Who, then the guarantee: held from here on, so that of all who claim it one goes on.
    select e.refused_because, e.installation_id, e.site_id into _who from billing.enter(_token, _jkt, _proof_jti) e;
    refused_because := _who.refused_because;
    if refused_because is not null then
        return next;
        return;
    end if;
    select e.* into _engaged from billing.engagement e
     where e.number_hash = _put.engagement_hash and e.site_id = _who.site_id
       for no key update;

    <<deciding>>
    begin
        -- 3. The same again is answered as it was; the same reference for something else is refused.
        select c.* into _known from billing.claim c
         where c.installation_id = _who.installation_id and c.reference = _put.reference;
        if found then
            refused_because := case when _known.sameness <> _put.sameness then 'claim_reference_reused' end;
            exit deciding;
        end if;

        -- 4. The guarantee: of this site, not used up, still good. What replaces a claim needs no more days than that one had.
        if _engaged.engagement_id is null then
            refused_because := 'engagement_unknown';
            exit deciding;
        end if;
        if _put.replaces is not null then
            select c.* into _replaced from billing.claim c
             where c.claim_id = _put.replaces and c.engagement_id = _engaged.engagement_id and c.state <> 'cancelled'
               for no key update;
            if _replaced.claim_id is null then
                refused_because := 'claim_unknown';
            elsif _replaced.state <> 'accepted' then
                refused_because := 'claim_in_payment';
            end if;
        elsif exists (select from billing.claim c
                       where c.engagement_id = _engaged.engagement_id and c.state <> 'cancelled') then
            refused_because := 'engagement_used';
        elsif _engaged.cancelled_at is not null then
            refused_because := 'engagement_cancelled';
        elsif _engaged.expires_on < current_date then
            refused_because := 'engagement_expired';
        end if;
        exit deciding when refused_because is not null;

        -- 5. The lines: categories of that domain, all of them within the guarantee, and amounts that can be.
        _rules := billing.rules_of(_engaged.terms_id, _engaged.domain);
        if exists (select from unnest(_lines) l where not exists (
                       select from unnest(_rules) r where r.category = l.category)) then
            refused_because := 'category_unknown';
        elsif not _engaged.authorized and exists (
                  select from unnest(_lines) l join unnest(_rules) r on r.category = l.category
                   -- Of a domain on request a guarantee has neither rate nor amount (billing.authorize).
                   where coalesce(r.mode, case when coalesce(_engaged.rate_bp, _engaged.amount_cents) is null
                                               then 'on_request' end) = 'on_request') then
            refused_because := 'agreement_needed';
        elsif exists (select from unnest(_lines) l
                       where l.obligatory_cents > l.price_cents or l.obligatory_cents > l.base_cents) then
            refused_because := 'amounts_do_not_fit';
        end if;
        exit deciding when refused_because is not null;

        -- 6. What was promised for them, and no more: of a prise en charge, line by line.
        _guarantee := row(null, 'direct', _engaged.rate_bp, _engaged.amount_cents, _engaged.ceiling_cents);
        _rules := array(select r from unnest(_rules) r where r.mode is not null);
        _promised := case when _engaged.authorized
                          then billing.agreed_amounts(_engaged.engagement_id, _guarantee, _rules, _lines)
                          else billing.amounts(_guarantee, _rules, _lines) end;
        if _promised is null then
            refused_because := 'line_not_agreed';
            exit deciding;
        end if;
        select coalesce(sum(a), 0) into promised_cents from unnest(_promised) a;
        if promised_cents = 0 or _put.amount_cents > promised_cents then
            refused_because := 'above_promise';
            exit deciding;
        end if;

        -- 7. Taken. The one that it replaces goes first: two never stand for one guarantee.
        if _replaced.claim_id is not null then
            update billing.claim c
               set state = 'cancelled', cancelled_at = clock_timestamp(), replaced_by = _put.claim_id
             where c.claim_id = _replaced.claim_id;
            perform billing.take_back(_replaced);
        end if;
        insert into billing.claim (
            claim_id, engagement_id, site_id, insurer_id, installation_id, reference, sameness,
            promised_cents, amount_cents, state, made_at)
        values (
            _put.claim_id, _engaged.engagement_id, _engaged.site_id, _engaged.insurer_id, _who.installation_id,
            _put.reference, _put.sameness, claim.promised_cents, coalesce(_put.amount_cents, claim.promised_cents),
            'accepted', clock_timestamp())
        returning * into _known;
        perform billing.move(_known, 'claimed', 'insurer', 'owed');
        perform billing.await_answer(_known);
        insert into billing.claim_line (
            claim_id, place, made_on, category, quantity, price_cents, base_cents, obligatory_cents)
        select _known.claim_id, l.ordinality, current_date, l.category, l.quantity, l.price_cents, l.base_cents, l.obligatory_cents
          from unnest(_lines) with ordinality l;
        update billing.engagement e
           set used_at = clock_timestamp()
         where e.engagement_id = _engaged.engagement_id and e.used_at is null;
    exception
        -- The same reference, at the same moment, for another guarantee: what this one did is undone, and it is counted.
        when unique_violation then
            refused_because := 'claim_reference_reused';
    end deciding;

    if refused_because is not null then
        perform billing.note_refusal(_who.installation_id, refused_because);
        promised_cents := null;
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

comment on function billing.claim(text, bytea, text, jsonb, jsonb) is 'Takes a claim on a guarantee, once and within the promise, or says the one reason why not.';
