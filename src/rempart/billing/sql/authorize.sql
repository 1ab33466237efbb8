-- What: computes what is promised for the lines of a quote, and promises it: by a prise en charge where one comes first.
-- Charges or records: a guarantee with its lines and the frequency that it takes; the one that it amends is cancelled.
-- Called by: rights.ask_one, for a quote about somebody who is covered.
-- Locks: as billing.engage; the caller holds the site's budget row, the person's turn, and the guarantee that is amended.
-- Round trips: none of its own. Outcomes: covered (no line needs agreement), agreed, nothing_agreed (and then nothing changes).
create or replace function billing.authorize(
    _lines billing.line[], _replaces bytea, _engagement_id bytea, _number_hash bytea, _site bigint, _account bigint,
    _asked bytea, _domain text, _care_on date, _insurer_id bigint, _member_reference bytea, _plan_id bigint,
    _mode text, _rate_bp integer, _amount_cents integer, _ceiling_cents integer, _terms_id bigint
) returns billing.quoted
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _guarantee billing.rule := row(null, _mode, _rate_bp, _amount_cents, _ceiling_cents);
    _rules billing.rule[];
    _quoted billing.quoted;
    _engaged billing.engagement;
    _but bytea;
    _line billing.line;
    _own record;
    _given billing.line[] := '{}';
    _promised integer[] := '{}';
    _amount integer;
    _taken integer;
    _units_left integer;
    _next_from date;
begin
    _rules := array(select r from unnest(billing.rules_of(_terms_id, _domain)) r where r.mode is not null);
    _quoted.told := '';

    -- 1. Nothing of it needs agreement: a guarantee like any, and what it comes to for these lines. Where the domain is on
    --    request, what the plan says of the domain is promised by nothing but an agreement: the guarantee has none of it.
    if not exists (select from unnest(_lines) l left join unnest(_rules) r on r.category = l.category
                    where coalesce(r.mode, _mode) = 'on_request') then
        _engaged := billing.engage(
            _engagement_id, _number_hash, _site, _account, _asked, _domain, _care_on, _insurer_id, _member_reference,
            _plan_id, case when _mode = 'direct' then _rate_bp end, case when _mode = 'direct' then _amount_cents end,
            _ceiling_cents, _terms_id);
        if _engaged.engagement_id is null then
            return row('nothing_agreed', _quoted.told, null, null, null, null, null, null)::billing.quoted;
        end if;
        -- What it amends is no longer wanted: it goes here too, with what it took.
        if _replaces is not null then
            update billing.engagement e set cancelled_at = clock_timestamp(), replaced_by = _engaged.engagement_id
             where e.number_hash = _replaces
            returning e.engagement_id into _but;
            delete from billing.frequency_use u where u.engagement_id = _but;
        end if;
        -- The guarantee may be one that stood, of terms of before: it is billed by those.
        if _engaged.terms_id is distinct from _terms_id then
            _rules := array(select r from unnest(billing.rules_of(_engaged.terms_id, _domain)) r where r.mode is not null);
        end if;
        _guarantee := row(null, 'direct', _engaged.rate_bp, _engaged.amount_cents, _engaged.ceiling_cents);
        _promised := billing.amounts(_guarantee, _rules, _lines);
        for _at in 1 .. cardinality(_lines) loop
            -- By those of before a line may need an agreement: a claim would be refused it.
            _quoted.told := _quoted.told || billing.tell_line(
                case when exists (select from unnest(_rules) r
                                   where r.category = _lines[_at].category and r.mode = 'on_request')
                     then 0 else _promised[_at] end, null, null);
        end loop;
        return row('covered', _quoted.told, _engaged.engagement_id, _engaged.number_hash, _engaged.rate_bp,
                   _engaged.amount_cents, _engaged.ceiling_cents, _engaged.expires_on)::billing.quoted;
    end if;

    -- 2. The same again, of which nothing was claimed: the prise en charge that stands is told, and none is given twice.
    if _replaces is not null then
        _but := (select e.engagement_id from billing.engagement e where e.number_hash = _replaces);
    else
        select e.* into _engaged
          from billing.engagement e
         where e.site_id = _site and e.asked = _asked and e.domain = _domain and e.care_on = _care_on and e.authorized
           and e.used_at is null and e.cancelled_at is null and e.expires_on >= current_date
           and _lines = array(select row(l.category, l.quantity, l.price_cents, l.base_cents, l.obligatory_cents)::billing.line
                                from billing.authorized_line l where l.engagement_id = e.engagement_id order by l.place)
         order by e.given_at
         limit 1;
        _but := _engaged.engagement_id;
    end if;

    -- 3. Line by line. One whose units do not all fit into the frequency is promised nothing; what is promised nothing takes nothing.
    for _at in 1 .. cardinality(_lines) loop
        _line := _lines[_at];
        select r.every_months, r.units into _own
          from registry.category_rules(_terms_id, _domain) r where r.category = _line.category;
        _taken := coalesce((select sum(g.quantity) from unnest(_given) g where g.category = _line.category), 0);
        _units_left := null;
        _next_from := null;
        if _own.every_months is not null then
            select f.units_left, f.next_from into _units_left, _next_from
              from billing.frequency(_asked, _insurer_id, _domain, _line.category, _own.every_months, _own.units,
                                     _care_on, _but, _taken, _line.quantity) f;
        end if;
        if _units_left < _line.quantity then
            _amount := 0;
        else
            _amount := (billing.amounts(_guarantee, _rules, _given || _line))[cardinality(_given) + 1];
            if _amount > 0 and _own.every_months is not null then
                select f.units_left, f.next_from into _units_left, _next_from
                  from billing.frequency(_asked, _insurer_id, _domain, _line.category, _own.every_months, _own.units,
                                         _care_on, _but, _taken + _line.quantity, 1) f;
            end if;
        end if;
        if _engaged.engagement_id is not null then
            _amount := (select l.amount_cents from billing.authorized_line l
                         where l.engagement_id = _engaged.engagement_id and l.place = _at);
        end if;
        if _amount > 0 then
            _given := _given || _line;
        end if;
        _promised := _promised || _amount;
        -- A day to wait for is told where nothing is left, or not as much as was wanted.
        _quoted.told := _quoted.told || billing.tell_line(
            _amount, _units_left, case when _next_from > _care_on then _next_from end);
    end loop;
    if cardinality(_given) = 0 then
        return row('nothing_agreed', _quoted.told, null, null, null, null, null, null)::billing.quoted;
    end if;

    -- 4. Promised, until it is delivered. What it amends goes in the same moment: two never stand for one sale.
    if _engaged.engagement_id is null then
        insert into billing.engagement (
            engagement_id, number_hash, site_id, account_id, asked, domain, care_on, insurer_id, member_reference,
            plan_id, rate_bp, amount_cents, ceiling_cents, terms_id, given_at, expires_on, authorized)
        values (
            _engagement_id, _number_hash, _site, _account, _asked, _domain, _care_on, _insurer_id, _member_reference,
            _plan_id, _rate_bp, _amount_cents, _ceiling_cents, _terms_id, clock_timestamp(),
            -- A fixed offset, as for any guarantee: the end of the cover would tell of itself.
            greatest(_care_on, current_date) + 90, true)
        -- As billing.engage: a number that exists is given to nobody else, and is no error either.
        on conflict do nothing
        returning * into _engaged;
        if not found then
            return row('nothing_agreed', '', null, null, null, null, null, null)::billing.quoted;
        end if;
        insert into billing.authorized_line (
            engagement_id, place, expires_on, category, quantity, price_cents, base_cents, obligatory_cents, amount_cents)
        select _engaged.engagement_id, l.ordinality, _engaged.expires_on, l.category, l.quantity, l.price_cents, l.base_cents,
               l.obligatory_cents, _promised[l.ordinality]
          from unnest(_lines) with ordinality l;
        insert into billing.frequency_use (engagement_id, category, asked, insurer_id, domain, care_on, units, counts_until)
        select _engaged.engagement_id, r.category, _asked, _insurer_id, _domain, _care_on, sum(g.quantity),
               (_care_on + make_interval(months => r.every_months))::date
          from unnest(_given) g
          join registry.category_rules(_terms_id, _domain) r on r.category = g.category
         where r.every_months is not null
         group by r.category, r.every_months;
        if _but is not null then
            update billing.engagement e set cancelled_at = clock_timestamp(), replaced_by = _engaged.engagement_id
             where e.engagement_id = _but;
            delete from billing.frequency_use u where u.engagement_id = _but;
        end if;
    end if;
    return row('agreed', _quoted.told, _engaged.engagement_id, _engaged.number_hash, null,
               (select sum(p) from unnest(_promised) p), null, _engaged.expires_on)::billing.quoted;
end
$$;

comment on function billing.authorize(billing.line[], bytea, bytea, bytea, bigint, bigint, bytea, text, date, bigint, bytea, bigint, text, integer, integer, integer, bigint) is 'What a quote promises for its lines, by a guarantee or a prise en charge.';
