-- What: gives an account back, on the signatures of two different officers.
-- Charges or records: an entry of kind hold with the order and the signatures, in the same transaction.
-- Called by: rempart_desk (rempart hold release), which has checked the signatures; journal verify checks them again.
-- Locks: guard.gate against other moves (questions read without a lock), then journal.head of the platform.
-- Round trips: one. Refusals: scope_unknown, reason_not_plain, not_held, and those of guard.use_nonce.
create or replace function guard.release_hold(
    _value text, _reason text, _nonce bytea, _signers text[], _signatures bytea[]
)
returns table (refused_because text, released_at timestamptz)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
#variable_conflict use_column
declare
    _key bigint := guard.gate_key('account', _value);
    _used record;
begin
    perform set_config('synchronous_commit', 'on', true);
    lock table guard.gate in share row exclusive mode;
    refused_because := case
        when _key is null then 'scope_unknown'
        when not guard.plain_reason(_reason) then 'reason_not_plain'
        when not exists (select from guard.hold h where h.account_id = _key) then 'not_held' end;
    if refused_because is null then
        select * into strict _used from guard.use_nonce(_nonce, _signers, _signatures, 2);
        refused_because := _used.refused_because;
    end if;
    if refused_because is null then
        delete from guard.hold h where h.account_id = _key;
        released_at := clock_timestamp();
        perform journal.record_gate('hold', guard.now(), 'release', 'account', _value, _reason, '', _used.good_until, _nonce, null, _signers, _used.keys, _signatures);
    end if;
    return next;
end
$$;

comment on function guard.release_hold(text, text, bytea, text[], bytea[]) is 'Releases an account that is on hold.';
