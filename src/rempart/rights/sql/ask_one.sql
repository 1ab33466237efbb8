-- What: one question of a batch, its locks already held: judge, match, engage, record.
-- Charges or records: what the outcome costs; exactly one entry, or a count where refusals are free to cause.
-- Called by: rights.ask.
-- Locks: journal.head of the account (or installation), then unique keys that the held rows already cover.
-- Round trips: none of its own.
create or replace function rights.ask_one(
    _q rights.question, _installation bigint, _account bigint, _professional bigint, _site bigint,
    _profession text, _now bigint
) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _p journal.payload;
    _first record;
    _judged record;
    _matched record;
    _engaged billing.engagement;
    _entry record;
    _tally integer;
    _insurer bigint;
    _charges bytea;
    _miss boolean;
begin
    _p.attempt := _q.attempt; _p.installation_id := _installation; _p.account_id := coalesce(_account, 0);
    -- Only what we know is written down: a mistyped field may hold a person's number.
    _p.professional := case when _account is null then '' else _q.professional end;
    _p.site := case when _account is null then '' else _q.site end;
    _insurer := registry.insurer_served(_q.insurer);
    _p.insurer := case when _insurer is null then '' else _q.insurer end;
    _p.domain := _q.domain; _p.care_on := _q.care_on;
    _p.evidence := _q.evidence; _p.outcome := ''; _p.refused_because := ''; _p.digest := _q.digest;
    _p.member_reference := ''; _p.asked := _q.asked; _p.fresh := false;
    _p.network := _q.network; _p.proof := _q.proof;

    -- 1. A proof works once. A repeated one is counted, not charged: anybody may have seen it.
    if not identity.proof_first_seen(_q.jkt, _q.proof_jti) then
        _tally := guard.mute(1::smallint, _installation, _now);
        if _tally > 0 then
            _p.refused_because := 'proof_repeated';
            perform journal.record('refusal', 1::smallint, _installation, _now, _q.edge, _q.boot, 'dpop', '', 0::bigint, _tally, _p);
        end if;
        return;
    end if;

    -- 2. The professional and the site named are linked to this installation, or it is refused at its cost.
    if _account is null or _professional is null or _site is null then
        _charges := guard.charge_installation(_installation, _now);
        _p.refused_because := 'professional_not_linked';
        _tally := 1;
        if _charges is null then
            _p.refused_because := 'too_many_questions';
            _tally := guard.mute(1::smallint, _installation, _now);
        end if;
        if _tally > 0 then
            perform journal.record('refusal', 1::smallint, _installation, _now, _q.edge, _q.boot, 'dpop', coalesce(_charges, ''), 0::bigint, _tally, _p);
        end if;
        return;
    end if;

    -- 3. Judge: all questions, new to the account, fresh with a miss in reserve. The registry is not read.
    _judged := guard.judge(_installation, _account, _professional, _site, _q.asked, _q.evidence, _now);
    if not _judged.ready then
        _p.refused_because := 'account_not_ready';
        perform journal.record('refusal', 2::smallint, _account, _now, _q.edge, _q.boot, 'dpop', '', 0::bigint, 1, _p);
        return;
    end if;
    if not _judged.all_left then
        _tally := guard.mute(2::smallint, _account, _now);
        if _tally > 0 then
            _p.refused_because := 'too_many_questions';
            perform journal.record('refusal', 2::smallint, _account, _now, _q.edge, _q.boot, 'dpop', '', 0::bigint, _tally, _p);
        end if;
        return;
    end if;

    -- 4. Closed, by a gate or a hold: the same whoever is asked about, and a repeat of an answered question too.
    --    The reference stays free, so that the same question is answered once the scope is open again.
    if coalesce(guard.gate_for(_installation, _account, _professional, _site, _insurer, _q.evidence), true) then
        _charges := guard.charge(_installation, _account, _professional, _site, _now, false, false, false, false);
        _p.outcome := 'closed';
        perform journal.record('answer', 2::smallint, _account, _now, _q.edge, _q.boot, 'dpop', _charges, 0::bigint, 1, _p);
        return;
    end if;

    -- 5. The same reference: the same question is a replay, another is refused.
    select * into _first from journal.first_use(_account, _q.reference);
    if found then
        _charges := guard.charge(_installation, _account, _professional, _site, _now, false, false, false, false);
        if _first.sameness = _q.sameness and _first.recorded_at > clock_timestamp() - interval '24 hours' then
            select f.outcome, f.rate_bp, f.amount_cents, f.ceiling_cents, f.expires_on, f.engagement_id,
                   f.engagement_hash, f.member_reference
              into _p.outcome, _p.rate_bp, _p.amount_cents, _p.ceiling_cents, _p.expires_on, _p.engagement_id,
                   _p.engagement_hash, _p.member_reference
              from journal.payload_of(_first.entry_no, _first.recorded_at) as f;
            if found then
                perform journal.record('replay', 2::smallint, _account, _now, _q.edge, _q.boot, 'dpop', _charges, _first.entry_no, 1, _p);
                return;
            end if;
        end if;
        _p.refused_because := 'reference_reused';
        perform journal.record('refusal', 2::smallint, _account, _now, _q.edge, _q.boot, 'dpop', _charges, 0::bigint, 1, _p);
        return;
    end if;

    -- 6. Plain refusals, which concern no person.
    if not rights.care_window(_q.domain, _q.care_on, now()) then
        _p.refused_because := 'care_date_out_of_window';
    elsif not coalesce(identity.may_ask(_profession, _q.domain), false) then
        _p.refused_because := 'domain_not_allowed';
    end if;
    if _p.refused_because <> '' then
        _charges := guard.charge(_installation, _account, _professional, _site, _now, false, false, false, false);
        perform journal.record('refusal', 2::smallint, _account, _now, _q.edge, _q.boot, 'dpop', _charges, 0::bigint, 1, _p);
        return;
    end if;

    -- 7. Match, unless the judgement or the insurer already decides. What is charged depends on the outcome only.
    if _insurer is null then
        _p.outcome := 'insurer_not_served';
    elsif not _judged.admitted then
        _p.outcome := case when _q.evidence = 'typed' then 'better_evidence_needed' else 'exception_possible' end;
    else
        select * into strict _matched
          from registry.match(_insurer, _q.person_index, _q.card, _q.evidence, _q.domain, _q.care_on);
        _p.outcome := case
            when not coalesce(_matched.found, false) then 'no_right_found'
            when _matched.mode = 'direct' then 'covered'
            when _matched.mode = 'on_request' then 'covered_on_request'
            else 'no_right_found' end;
        _p.member_reference := coalesce(_matched.member_reference, '');
        _p.fresh := _judged.is_fresh;
    end if;

    if _p.outcome in ('covered', 'covered_on_request', 'no_right_found') then
        -- 8. Charge by the outcome, and remember who was met, hit or miss alike.
        _miss := _p.outcome = 'no_right_found' and _judged.is_fresh;
        _charges := guard.charge(
            _installation, _account, _professional, _site, _now,
            _judged.is_new, _judged.is_fresh, _judged.is_fresh and _q.evidence = 'typed', _miss);
        perform guard.remember(_site, _account, _q.asked);
        -- 9. Engage.
        if _p.outcome = 'covered' then
            _engaged := billing.engage(
                _q.engagement_id, _q.engagement_hash, _site, _account, _q.asked, _q.domain, _q.care_on,
                _insurer, _matched.member_reference, _matched.plan_id,
                _matched.rate_bp, _matched.amount_cents, _matched.ceiling_cents);
            _p.rate_bp := _engaged.rate_bp;
            _p.amount_cents := _engaged.amount_cents;
            _p.ceiling_cents := _engaged.ceiling_cents;
            _p.engagement_id := _engaged.engagement_id;
            _p.engagement_hash := _engaged.number_hash;
            _p.expires_on := _engaged.expires_on;
        end if;
    else
        _charges := guard.charge(_installation, _account, _professional, _site, _now, false, false, false, false);
    end if;

    -- 10. Record.
    select * into strict _entry
      from journal.record('answer', 2::smallint, _account, _now, _q.edge, _q.boot, 'dpop', _charges, 0::bigint, 1, _p);
    perform journal.use_reference(_account, _q.reference, _q.sameness, _entry.entry_no, _entry.recorded_at);
end
$$;

comment on function rights.ask_one(rights.question, bigint, bigint, bigint, bigint, text, bigint) is 'One question: judged before it is matched, recorded before it is answered.';
