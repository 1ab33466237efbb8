-- What: one question of a batch, its locks already held: judge, match, engage, record.
-- Charges or records: what the outcome costs; exactly one entry, or a count where refusals are free to cause.
-- Called by: rights.ask_batch.
-- Locks: identity.proof_jti, guard.met, billing.engagement, journal.head, journal.reference: keys that the held rows cover.
-- Round trips: none of its own. Returns the entry's number, null where a refusal was only counted.
create or replace function rights.ask_one(
    _q rights.question, _installation bigint, _account bigint, _professional bigint, _site bigint,
    _may_ask boolean, _now bigint, _quote rights.quote, _lives integer
) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer bigint := registry.insurer_served(_q.insurer);
    _p journal.payload;
    _judged record;
    _first record;
    _again journal.payload;
    _matched record;
    _engaged billing.engagement;
    _quoted billing.quoted;
    -- What is recorded unless something below says otherwise: a refusal of this account that costs nothing.
    _kind text := 'refusal';
    _subject_kind smallint := 2;
    _subject bigint := _account;
    _charges bytea := '';
    _replays bigint := 0;
    _tally integer := 1;
    _is_charged boolean := false;
    _is_counted boolean;
    _is_unproved boolean := false;
    _is_of_another boolean := false;
    _reference text;
    -- The index asked, once the registry was read for it.
    _met bytea;
    -- An exception says its reason, one of four, in its evidence: what it is judged by is the grade alone.
    _grade text := case when _q.evidence in ('exception:card_missing', 'exception:card_unreadable',
                                             'exception:patient_absent', 'exception:emergency')
                        then 'exception' else nullif(_q.evidence, 'exception') end;
    _excepted bytea;
    _written record;
begin
    -- Only what we know is written down: a mistyped field may hold a person's number. In the order of the type.
    _p := row(
        null, null, null, _q.attempt, _installation, coalesce(_account, 0),
        case when _account is null then '' else _q.professional end,
        case when _account is null then '' else _q.site end,
        _q.domain, _q.care_on, _q.evidence, '', '', null, null, null, null, null, null, _q.digest,
        case when _insurer is null then '' else _q.insurer end,
        ''::bytea, _q.asked, false, _q.network, _q.proof, null, null, null, null)::journal.payload;

    <<deciding>>
    begin
        -- 1. A proof works once. A repeated one is counted, not charged: anybody may have seen it.
        if not identity.proof_first_seen(_q.jkt, _q.proof_jti) then
            _p.refused_because := 'proof_repeated';
            _subject_kind := 1; _subject := _installation;
            _tally := guard.mute(_subject_kind, _subject, _now);
            exit deciding;
        end if;

        -- 2. The professional and the site named are linked to this installation, or it is refused at its cost.
        if _account is null or _professional is null or _site is null then
            _p.refused_because := 'professional_not_linked';
            _subject_kind := 1; _subject := _installation;
            _charges := guard.charge_installation(_installation, _now);
            if _charges is null then
                _p.refused_because := 'too_many_questions';
                _charges := '';
                _tally := guard.mute(_subject_kind, _subject, _now);
            end if;
            exit deciding;
        end if;

        -- 3. Judge, by gates, holds and budgets alone: the registry is not read.
        _judged := guard.judge(_installation, _account, _professional, _site, _insurer, _q.asked, _grade, _now);
        if not _judged.ready then
            _p.refused_because := 'account_not_ready';
            exit deciding;
        elsif not _judged.all_left then
            _p.refused_because := 'too_many_questions';
            _tally := guard.mute(_subject_kind, _subject, _now);
            exit deciding;
        end if;
        _is_charged := true;

        -- 4. Closed: the same whoever is asked about, and a repeat of an answered question too.
        --    The reference stays free, so that the same question is answered once the scope is open again.
        if _judged.closed then
            _kind := 'answer';
            _p.outcome := 'closed';
            exit deciding;
        end if;

        -- 5. The same reference: the same question is a replay, another is refused.
        _first := journal.first_use(_account, _q.reference);
        if _first.entry_no is not null then
            _p.refused_because := 'reference_reused';
            if _first.sameness = _q.sameness and _first.recorded_at > clock_timestamp() - interval '24 hours' then
                select * into _again from journal.payload_of(_first.entry_no, _first.recorded_at);
                if found then
                    _kind := 'replay';
                    _replays := _first.entry_no;
                    _p.refused_because := '';
                    _p.outcome := _again.outcome;
                    _p.rate_bp := _again.rate_bp;
                    _p.amount_cents := _again.amount_cents;
                    _p.ceiling_cents := _again.ceiling_cents;
                    _p.expires_on := _again.expires_on;
                    _p.engagement_id := _again.engagement_id;
                    _p.engagement_hash := _again.engagement_hash;
                    _p.member_reference := _again.member_reference;
                    _p.told := _again.told;
                end if;
            end if;
            exit deciding;
        end if;

        -- 6. Plain refusals, which concern no person.
        if not rights.care_window(_q.domain, _q.care_on, now()) then
            _p.refused_because := 'care_date_out_of_window';
            exit deciding;
        elsif _may_ask is not true then
            _p.refused_because := 'domain_not_allowed';
            exit deciding;
        elsif _quote.lines is not null then
            _p.refused_because := coalesce(
                billing.refuse_quote(_quote.lines, _quote.replaces, _q.domain, _site, _q.asked), '');
            -- A card that the number is not of is a guess like any: charged, and answered as one that nothing is found for.
            _is_of_another := _p.refused_because = 'another_card';
            _p.refused_because := case when _is_of_another then '' else _p.refused_because end;
            exit deciding when _p.refused_because <> '';
            -- How often somebody had something is told for a card that is here, and for no other: so where the insurer
            -- counts, typed data gets neither a promise nor a reason, whoever it is about and before he is looked for.
            -- Looked up for a card too, which does not need it: typed data would take longer by as much.
            _is_counted := registry.limits_frequency(
                _insurer, _q.domain, array(select l.category from unnest(_quote.lines) l));
            _is_unproved := _grade is distinct from 'scan' and _is_counted;
        end if;
        if _grade = 'exception' and not identity.use_touch(_q.token, _q.jkt, _q.digest) then
            -- Sign-in alone notes touches: without one, for this very request, nothing is excepted.
            _p.refused_because := 'touch_required';
            exit deciding;
        end if;

        -- 7. Match, unless the insurer or the judgement already decides.
        _kind := 'answer';
        _reference := _q.reference;
        if _grade = 'exception' and _insurer is not null and not _is_unproved then
            -- Its own budget, whoever is asked about: a patient met before, a stranger and a guess cost the same.
            _excepted := guard.take_exception(_account, _professional, _site, _now);
        end if;
        if _insurer is null then
            _p.outcome := 'insurer_not_served';
        elsif _is_unproved or (_excepted is null and (_grade = 'exception' or not _judged.admitted)) then
            _p.outcome := case when _grade = 'scan' then 'exception_possible' else 'better_evidence_needed' end;
        else
            if _excepted is not null then
                _kind := 'exception';
                _grade := 'typed';
            end if;
            _matched := registry.match(_insurer, _q.person_indexes[:_lives], _q.cards[:_lives], _grade, _q.domain, _q.care_on);
            _p.outcome := case
                when _is_of_another or not coalesce(_matched.fits, false) then 'no_right_found'
                when _matched.mode = 'direct' then 'covered'
                when _matched.mode = 'on_request' then 'covered_on_request'
                else 'no_right_found' end;
            _p.member_reference := coalesce(_matched.member_reference, '');
            _p.fresh := _judged.is_fresh;
            _met := _q.asked;
        end if;
    end deciding;

    -- 8. Charge by the outcome only, and remember who was met, hit or miss alike.
    if _is_charged then
        _charges := guard.charge(
            _installation, _account, _professional, _site, _now, _met,
            _excepted is null and _met is not null and _judged.is_new, _excepted is null and _p.fresh,
            _excepted is null and _p.fresh and _grade = 'typed',
            _excepted is null and _p.fresh and _p.outcome = 'no_right_found');
        if _excepted is not null then
            _charges := guard.in_order(_charges || _excepted);
        end if;
    end if;

    -- 9. Engage.
    if _quote.lines is not null and _met is not null and _p.outcome in ('covered', 'covered_on_request') then
        _quoted := billing.authorize(
            _quote.lines, _quote.replaces, _q.engagement_id, _q.engagement_hash, _site, _account, _q.asked, _q.domain,
            _q.care_on, _insurer, _matched.member_reference, _matched.plan_id, _matched.mode,
            _matched.rate_bp, _matched.amount_cents, _matched.ceiling_cents, _matched.terms_id);
        _p.outcome := _quoted.outcome;
        _p.rate_bp := _quoted.rate_bp;
        _p.amount_cents := _quoted.amount_cents;
        _p.ceiling_cents := _quoted.ceiling_cents;
        _p.engagement_id := _quoted.engagement_id;
        _p.engagement_hash := _quoted.engagement_hash;
        _p.expires_on := _quoted.expires_on;
        _p.told := _quoted.told;
    elsif _met is not null and _p.outcome = 'covered' then
        _engaged := billing.engage(
            _q.engagement_id, _q.engagement_hash, _site, _account, _q.asked, _q.domain, _q.care_on,
            _insurer, _matched.member_reference, _matched.plan_id,
            _matched.rate_bp, _matched.amount_cents, _matched.ceiling_cents, _matched.terms_id);
        _p.rate_bp := _engaged.rate_bp;
        _p.amount_cents := _engaged.amount_cents;
        _p.ceiling_cents := _engaged.ceiling_cents;
        _p.engagement_id := _engaged.engagement_id;
        _p.engagement_hash := _engaged.number_hash;
        _p.expires_on := _engaged.expires_on;
    end if;

    -- 10. Record. A reference is used up by an answer, and by nothing else.
    if _tally > 0 then
        _written := journal.record(
            _kind, _subject_kind, _subject, _now, _q.edge, _q.boot, 'dpop', _charges, _replays, _tally, _p,
            _reference, _q.sameness);
        if _excepted is not null then
            perform journal.note_exception(_site, _written.entry_no, _written.recorded_at);
        end if;
        return _written.entry_no;
    end if;
    return null;
end
$$;

comment on function rights.ask_one(rights.question, bigint, bigint, bigint, bigint, boolean, bigint, rights.quote, integer) is 'One question: judged before it is matched, recorded before it is answered.';
