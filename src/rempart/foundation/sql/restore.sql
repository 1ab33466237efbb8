-- What: makes a restored copy fit to answer: nothing that the lost database gave, charged or used up after the copy can come again.
-- Charges or records: an entry of kind restore; empties every bucket, ends tokens and codes, begins another epoch, stops the payment (billing.stopped), ends changes of bank details that waited, and closes the platform unless told not to.
-- Called by: the migrator (rempart db restored).
-- Locks: guard.clock, guard.gate, guard.budget, rows of billing.bank_detail, journal.head, in this order.
-- Round trips: one. Refusals: taken_up (nothing shows a copy, and nobody insists), reason_not_plain, author_not_valid.
create or replace function foundation.restore(
    _reason text, _author text, _known_entry bigint, _known_guard_at bigint, _insists boolean, _leaves_open boolean
)
returns table (
    refused_because text, entry_no bigint, last_entry bigint, last_at timestamptz, copy_at timestamptz,
    jump bigint, buckets bigint, tokens bigint, codes bigint, bank_changes text[]
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
#variable_conflict use_column
declare
    _now timestamptz := clock_timestamp();
    _leaf bytea;
    _gap bigint;
    _guard_at bigint;
    _unsure_from timestamptz;
begin
    perform set_config('synchronous_commit', 'on', true);
    refused_because := case
        when not guard.plain_reason(_reason) then 'reason_not_plain'
        when not coalesce(_author ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$', false) then 'author_not_valid'
        when not coalesce(_insists, false)
             and exists (select from guard.clock c where c.boot = pg_postmaster_start_time()) then 'taken_up' end;
    if refused_because is not null then
        return next;
        return;
    end if;

    -- 1. Guard time has run at most as far as real time since the copy's last beat; it goes on from there, and nothing is
    --    left in any bucket. From here on nobody writes an entry.
    select c.wall_at, c.guard_at into strict copy_at, _guard_at from guard.clock c for update;
    _gap := greatest(extract(epoch from _now - copy_at), 0)::bigint + 10;
    _guard_at := greatest(_guard_at, coalesce(_known_guard_at, 0)) + _gap * 1000000;
    buckets := guard.empty_all(_guard_at);
    update guard.clock c set guard_at = _guard_at, wall_at = _now, boot = pg_postmaster_start_time();

    -- 2. How far: past what no database could have written since the copy, and past what is known to have been given.
    select l.entry_no, l.recorded_at, l.leaf_hash into last_entry, last_at, _leaf from journal.last_entry() as l;
    last_entry := coalesce(last_entry, 0);
    copy_at := greatest(copy_at, last_at);
    jump := greatest(
        1000000000 + _gap * 100000,
        coalesce(_known_entry, 0) - last_entry + 1000000000,
        coalesce(pg_sequence_last_value('journal.entry_no'), 0) - last_entry);
    perform foundation.jump_sequences(jump);

    -- 3. What works once or for a while works no more.
    select u.tokens, u.codes into tokens, codes from identity.end_unused() as u;
    --    And nothing is paid: what was paid since the copy is owed again in it. A copy of a copy that nobody compared with the
    --    bank is as old as the first.
    select least(restore.copy_at, s.copy_at) into strict _unsure_from from billing.stopped() s;
    --    Nor does a bank detail come into force that somebody may have cancelled since.
    bank_changes := billing.end_changes(restore.copy_at);
    update foundation.epoch e set epoch = uuid_send(gen_random_uuid()), began_at = _now, copy_at = _unsure_from;

    -- 4. On record: who, why, from where, the copy's time, how far; and what is known to have been given.
    entry_no := journal.restore(last_entry, jump, _guard_at, journal.pack(
        'rempart/restore/v1', convert_to(_reason, 'UTF8'), convert_to(_author, 'UTF8'),
        int8send(last_entry), coalesce(_leaf, ''),
        int8send((extract(epoch from copy_at) * 1000000)::bigint), int8send(jump),
        int8send(coalesce(_known_entry, 0))));

    -- 5. What was closed, held or revoked since the copy is open again: the desk must look before anybody asks.
    if not coalesce(_leaves_open, false) then
        perform guard.close_gate('platform', '', _reason, _author, null);
    end if;
    return next;
end
$$;

comment on function foundation.restore(text, text, bigint, bigint, boolean, boolean) is 'Makes a restored copy fit to answer, and records that it was restored.';
