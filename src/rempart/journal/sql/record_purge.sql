-- What: records one step of a run that erases: what it will erase until which date, or how much it did.
-- Charges or records: one entry of kind purge in the platform's chain; commitment B opens to the statement (docs/entry.md).
-- Called by: journal.open_purge, journal.close_purge.
-- Locks: journal.head of the platform; its callers hold journal.purge.
-- Round trips: none of its own.
create or replace function journal.record_purge(
    _guard_at bigint, _step text, _author text, _opening bigint, _items bytea[],
    out entry_no bigint, out recorded_at timestamptz
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _nothing bytea := decode(repeat('00', 16), 'hex');
    _p journal.payload;
begin
    _p.attempt := uuid_send(gen_random_uuid());
    _p.installation_id := 0; _p.account_id := 0;
    _p.professional := ''; _p.site := ''; _p.domain := ''; _p.care_on := current_date;
    _p.evidence := ''; _p.outcome := ''; _p.refused_because := ''; _p.insurer := '';
    _p.digest := ''; _p.member_reference := ''; _p.asked := ''; _p.fresh := false;
    _p.network := '';
    _p.proof := journal.pack(
        'rempart/purge/v1', convert_to(_step, 'UTF8'), convert_to(_author, 'UTF8'), int8send(_opening));
    for _i in 1 .. cardinality(_items) loop
        _p.proof := _p.proof || journal.pack(_items[_i]);
    end loop;
    select r.entry_no, r.recorded_at into strict entry_no, recorded_at
      from journal.record('purge', 0::smallint, 0::bigint, _guard_at, _nothing, _nothing, 'console', '', 0::bigint, 1, _p) as r;
end
$$;

comment on function journal.record_purge(bigint, text, text, bigint, bytea[]) is 'Records what a run will erase, or has erased.';
