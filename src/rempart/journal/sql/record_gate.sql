-- What: records a move of a gate, a hold or an officer: who did what to which scope, why, until when, and who signed.
-- Charges or records: one entry of kind gate or hold in the platform's chain; commitment B opens to the whole order.
-- Called by: those of guard that move a gate, a hold or an officer.
-- Locks: journal.head of the platform; guard's callers hold guard.gate.
-- Round trips: none of its own.
create or replace function journal.record_gate(
    _kind text, _guard_at bigint, _action text, _scope text, _value text, _reason text, _author text,
    _until timestamptz, _nonce bytea, _key bytea, _signers text[], _keys bytea[], _signatures bytea[]
) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _nothing bytea := decode(repeat('00', 16), 'hex');
    _p journal.payload := journal.blank_payload();
begin
    -- The order as it was signed, then each signature (docs/entry.md): written here, so that what is said was done.
    _p.proof := journal.pack(journal.pack(
        'rempart/order/v1', convert_to(_action, 'UTF8'), convert_to(_scope, 'UTF8'), convert_to(_value, 'UTF8'),
        convert_to(_reason, 'UTF8'), convert_to(_author, 'UTF8'),
        case when _until < 'infinity' then int8send((extract(epoch from _until) * 1000000)::bigint) end,
        _nonce, _key));
    for _i in 1 .. coalesce(cardinality(_signers), 0) loop
        _p.proof := _p.proof || journal.pack(
            convert_to(_signers[_i], 'UTF8'), substr(sha256(_keys[_i]), 1, 6), _signatures[_i]);
    end loop;
    perform journal.record(_kind, 0::smallint, 0::bigint, _guard_at, _nothing, _nothing, 'console', '', 0::bigint, 1, _p);
end
$$;

comment on function journal.record_gate(text, bigint, text, text, text, text, text, timestamptz, bytea, bytea, text[], bytea[], bytea[]) is 'Records a move of a gate, a hold or an officer.';
