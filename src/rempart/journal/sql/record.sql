-- What: writes one entry and what opens it, at the end of its subject's chain, and binds a client reference to it.
-- Charges or records: one row of journal.entry and one of journal.payload, one of journal.reference if one is given.
-- Called by: rights.ask_one, rights.note_broken, journal.record_cap, journal.record_gate, journal.record_purge.
-- Locks: journal.head of the subject, whose budget row the caller holds; then the unique key (account, reference).
-- Round trips: none of its own. Returns the entry's number and time.
create or replace function journal.record(
    _kind text, _subject_kind smallint, _subject_id bigint, _guard_at bigint,
    _edge bytea, _boot bytea, _proof_kind text, _charges bytea, _replays bigint, _tally integer,
    _p journal.payload, _reference text default null, _sameness bytea default null,
    out entry_no bigint, out recorded_at timestamptz
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _nothing bytea := '\x0000000000000000000000000000000000000000000000000000000000000000';
    _counter bigint;
    _previous bytea;
    _receipt bytea := uuid_send(gen_random_uuid());
    _a bytea;
    _m bytea;
    _b bytea;
    _head bytea;
    _leaf bytea;
begin
    -- 1. What is written is well formed: the tables say so no more, since a check is read anew at each row.
    if (_kind in ('answer', 'refusal', 'replay', 'exception', 'cap', 'gate', 'hold', 'purge', 'restore')
        and _proof_kind in ('dpop', 'console') and octet_length(_edge) = 16 and octet_length(_boot) = 16
        and octet_length(_charges) % 34 = 0 and octet_length(_p.attempt) = 16) is not true then
        raise exception 'an entry is not well formed' using errcode = 'RP001';
    end if;

    -- 2. The place in the chain.
    select h.counter + 1, h.head_hash
      into _counter, _previous
      from journal.head h
     where h.subject_kind = _subject_kind and h.subject_id = _subject_id
       for no key update;
    if _counter is null then
        _counter := 1;
        _previous := _nothing;
        insert into journal.head (subject_kind, subject_id, counter, head_hash)
        values (_subject_kind, _subject_id, 0, _previous);
    end if;
    entry_no := nextval('journal.entry_no');
    recorded_at := clock_timestamp();
    _p.entry_no := entry_no;
    _p.recorded_at := recorded_at;

    -- 3. Three commitments, each under a salt of its own (docs/entry.md).
    _p.xid := pg_current_xact_id();
    _p.salt_a := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    _p.salt_m := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    _p.salt_b := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    _a := sha256(
        substr(array_send(array[
            case when _p.told is null then 'rempart/commitment-a/v1'::bytea else 'rempart/commitment-a/v2' end, _p.salt_a, convert_to(_p.professional, 'UTF8'),
            convert_to(_p.site, 'UTF8'), convert_to(_p.domain, 'UTF8'), convert_to(_p.care_on::text, 'UTF8'),
            convert_to(_p.evidence, 'UTF8'), convert_to(_p.outcome, 'UTF8'),
            convert_to(_p.refused_because, 'UTF8'), int4send(_p.rate_bp), int4send(_p.amount_cents),
            int4send(_p.ceiling_cents), convert_to(_p.expires_on::text, 'UTF8'), _p.engagement_hash, _p.digest]::bytea[]
            -- A quote tells more: what it told stands behind the rest.
            || case when _p.told is null then '{}'::bytea[] else array[_p.told] end), 21));
    _m := sha256(
        substr(array_send(array[
            'rempart/commitment-m/v1', _p.salt_m, convert_to(_p.insurer, 'UTF8'), _p.member_reference]::bytea[]), 21));
    _b := sha256(
        substr(array_send(array[
            'rempart/commitment-b/v1', _p.salt_b, int8send(_p.installation_id), convert_to(_p.network, 'UTF8'),
            _p.asked, int2send(_p.fresh::integer::smallint), _p.proof]::bytea[]), 21));

    -- 4. The entry's own bytes, and the leaf that a receipt signs.
    _head := sha256(
        substr(array_send(array[
            'rempart/entry/v1', int8send(_p.entry_no),
            int8send((extract(epoch from _p.recorded_at) * 1000000)::bigint), int8send(_guard_at),
            convert_to(_kind, 'UTF8'), int2send(_subject_kind), int8send(_subject_id), int8send(_counter),
            _previous, _edge, _boot, convert_to(_proof_kind, 'UTF8'), _charges, int8send(_replays),
            int4send(_tally)]::bytea[]), 21));
    _leaf := sha256(
        '\x00'::bytea || substr(array_send(array[
            'rempart/leaf/v1', _receipt, _head, _a, _m, _b]::bytea[]), 21));

    -- 5. Written once; refused by grants and by trigger ever after.
    insert into journal.entry (
        entry_no, recorded_at, guard_at, kind, subject_kind, subject_id, counter, previous_hash,
        edge, boot, proof_kind, charges, replays, tally, receipt,
        commitment_a, commitment_m, commitment_b, leaf_hash)
    values (
        _p.entry_no, _p.recorded_at, _guard_at, _kind, _subject_kind, _subject_id, _counter, _previous,
        _edge, _boot, _proof_kind, _charges, _replays, _tally, _receipt,
        _a, _m, _b, _leaf);
    insert into journal.payload values (_p.*);
    update journal.head h
       set counter = _counter, head_hash = _leaf
     where h.subject_kind = _subject_kind and h.subject_id = _subject_id;
    if _reference is not null then
        insert into journal.reference (account_id, reference, sameness, entry_no, recorded_at)
        values (_subject_id, _reference, _sameness, _p.entry_no, _p.recorded_at);
    end if;
end
$$;

comment on function journal.record(text, smallint, bigint, bigint, bytea, bytea, text, bytea, bigint, integer, journal.payload, text, bytea) is 'Writes one entry and its payload; nothing else writes either.';
