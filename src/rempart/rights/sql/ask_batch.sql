-- What: a batch of questions: who, judge, match, engage, record. Returns nothing: rights.collect answers, after the commit.
-- Charges or records: through rights.ask_one, one entry a question; a dead token leaves nothing.
-- Called by: rights.ask, and by nothing else: it refuses whoever could roll back what it did, or measure it before the commit.
-- Locks: guard.budget rows: installation, account, professional, site, each sorted by id; billing.turn for quotes; numbers; billing.engagement (docs/locks.md).
-- Round trips: none of its own.
create or replace function rights.ask_batch(_questions jsonb) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
-- A caller's own would tell him, by a message or by a time-out, what was done before it is on record.
set client_min_messages = 'error'
set lock_timeout = '5s'
as $$
declare
    _calls text;
    _asked rights.question[];
    _is_whole boolean;
    _is_sized boolean;
    _tokens text[];
    _jkts bytea[];
    _rpps text[];
    _named text[];
    _domains text[];
    -- One element a question, null where the token is dead or the professional not linked.
    _installations bigint[];
    _accounts bigint[];
    _professionals bigint[];
    _sites bigint[];
    _may_ask boolean[];
    _now bigint;
    -- One element a question, null for a plain one; null as a whole in a batch without a quote.
    _quotes rights.quote[];
    -- How many generations of index keys live: an edge that did not hear of an end yet asks under one more.
    _lives integer := cardinality(registry.live_generations());
begin
    -- 0. The procedure called this, and nothing called the procedure: the last line of the stack is PostgreSQL's own word.
    get diagnostics _calls = pg_context;
    if _calls !~ '^[^\n]+\nSQL statement "SELECT rights\.ask_batch\(_questions\)"\nPL/pgSQL function rights\.ask\(jsonb\) line \d+ at PERFORM$' then
        raise exception 'questions are asked by rights.ask alone' using errcode = 'RP001';
    end if;
    -- A caller may have turned it off; the function's own SET would end before the commit.
    perform set_config('synchronous_commit', 'on', true);

    -- 1. Nothing may be missing or of another size. Only a faulty caller leaves a field out.
    if (case when jsonb_typeof(_questions) = 'array' then jsonb_array_length(_questions) between 1 and 128 end) is not true then
        raise exception 'a batch holds 1 to 128 questions' using errcode = 'RP001';
    end if;
    select array_agg(q), bool_and(q is not null),
           bool_and(octet_length(q.attempt) = 16 and octet_length(q.asked) = 16 and octet_length(q.edge) = 16
                    and octet_length(q.boot) = 16 and octet_length(q.engagement_id) = 16
                    and octet_length(q.engagement_hash) = 32 and cardinality(q.person_indexes) between 1 and 2
                    and cardinality(q.cards) = cardinality(q.person_indexes) and octet_length(q.sameness) = 32
                    and char_length(q.reference) between 1 and 64),
           array_agg(q.token), array_agg(q.jkt), array_agg(q.professional), array_agg(q.site), array_agg(q.domain)
      into _asked, _is_whole, _is_sized, _tokens, _jkts, _rpps, _named, _domains
      from jsonb_populate_recordset(null::rights.question, _questions) as q;
    if _is_whole is not true then
        raise exception 'a question has a field that is missing' using errcode = 'RP001';
    elsif _is_sized is not true then
        raise exception 'a question has a field of the wrong size' using errcode = 'RP001';
    end if;

    if jsonb_path_exists(_questions, '$[*].lines') then
        select array_agg(q),
               bool_and(q.lines is null or (billing.are_lines(q.lines) and octet_length(coalesce(q.replaces, sha256(''))) = 32))
          into _quotes, _is_sized
          from jsonb_populate_recordset(null::rights.quote, _questions) as q;
        if _is_sized is not true then
            raise exception 'a quote has a line that is missing or of the wrong size' using errcode = 'RP001';
        end if;
    end if;

    -- 2. Who: the live token, and no parameter, says which installation, and that which accounts.
    _installations := identity.alive(_tokens, _jkts);
    select array_agg(w.account_id order by w.place), array_agg(w.professional_id order by w.place),
           array_agg(w.site_id order by w.place), array_agg(w.may_ask order by w.place)
      into _accounts, _professionals, _sites, _may_ask
      from identity.who(_installations, _rpps, _named, _domains) as w;

    -- 3. Every lock of the batch, in the one order, before anything is read from the rows.
    _now := guard.lock(_installations, _accounts, _professionals, _sites);
    if _quotes is not null then
        perform billing.take_turns(array(select a.asked from unnest(_asked, _quotes) as a
                                          where a.lines is not null));
    end if;
    -- Whoever draws a number that another batch just gives waits here, covered or not: where it is given he would
    -- wait for somebody covered only. Honest numbers are random, and meet nobody.
    perform pg_advisory_xact_lock(n.of_number)
       from (select distinct ('x' || encode(substr(d.drawn, 1, 8), 'hex'))::bit(64)::bigint as of_number
               from unnest(_asked) as q
              cross join lateral (values (q.engagement_id), (q.engagement_hash)) as d (drawn)
              order by 1) as n;
    -- Likewise for who claims or cancels what is given: his own claim, left open, would hold up whoever is covered.
    perform billing.hold_given(
        array(select q.engagement_id from unnest(_asked) as q),
        array(select q.engagement_hash from unnest(_asked) as q)
            || array(select q.replaces from unnest(_quotes) as q where q.replaces is not null),
        _sites, array(select q.asked from unnest(_asked) as q),
        _domains, array(select q.care_on from unnest(_asked) as q));

    -- 4. One question after another.
    for _at in 1 .. cardinality(_asked) loop
        continue when _installations[_at] is null;
        perform rights.ask_one(
            _asked[_at], _installations[_at], _accounts[_at], _professionals[_at], _sites[_at], _may_ask[_at], _now,
            _quotes[_at], _lives);
    end loop;
end
$$;

comment on function rights.ask_batch(jsonb) is 'The work of rights.ask: charges and records each question, answers none.';
