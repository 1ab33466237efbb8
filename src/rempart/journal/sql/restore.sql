-- What: goes on after a restore: numbers and counters jump past all that may have been given and lost, and an entry says so.
-- Charges or records: one entry of kind restore in the platform's chain; its replays field holds the last entry's number.
-- Called by: foundation.restore.
-- Locks: journal.head, every row; foundation.restore holds guard.budget against all who write entries.
-- Round trips: none of its own.
create or replace function journal.restore(
    _last bigint, _jump bigint, _guard_at bigint, _statement bytea
) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _nothing bytea := decode(repeat('00', 16), 'hex');
    _p journal.payload;
    _entry record;
begin
    -- 1. Every chain goes on past the counters that lost entries had; who had no chain yet may have begun one.
    insert into journal.head (subject_kind, subject_id, counter, head_hash)
    select s.kind, s.id, 0, decode(repeat('00', 32), 'hex')
      from identity.subjects() as s
    union all
    select 0::smallint, 0::bigint, 0, decode(repeat('00', 32), 'hex')
    on conflict (subject_kind, subject_id) do nothing;
    update journal.head h set counter = h.counter + _jump;
    -- 2. So do numbers.
    perform setval('journal.entry_no', _last + _jump);
    -- 3. The entry.
    _p.attempt := uuid_send(gen_random_uuid());
    _p.installation_id := 0; _p.account_id := 0;
    _p.professional := ''; _p.site := ''; _p.domain := ''; _p.care_on := current_date;
    _p.evidence := ''; _p.outcome := ''; _p.refused_because := ''; _p.insurer := '';
    _p.digest := ''; _p.member_reference := ''; _p.asked := ''; _p.fresh := false;
    _p.network := ''; _p.proof := _statement;
    select * into strict _entry
      from journal.record('restore', 0::smallint, 0::bigint, _guard_at, _nothing, _nothing, 'console', '', _last, 1, _p);
    return _entry.entry_no;
end
$$;

comment on function journal.restore(bigint, bigint, bigint, bytea) is 'Numbers and counters jump; an entry says so.';
