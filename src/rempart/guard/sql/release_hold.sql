-- What: gives an account back whole, on the signatures of two different officers: the hold goes, and the caps are those from before.
-- Charges or records: an entry of kind cap if it was at a tenth, and one of kind hold with the order; in one transaction.
-- Called by: rempart_desk (rempart hold release), which has checked the signatures; journal verify checks them again.
-- Locks: those of guard.take_order, the account's guard.budget row, its journal.head, then journal.head of the platform.
-- Round trips: one. Refusals: those of guard.take_order.
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
    _order record;
    _full guard.eased;
    _budget guard.budget;
    _now bigint;
begin
    select * into strict _order from guard.take_order('release', _value, _reason, _nonce, _signers, _signatures);
    refused_because := _order.refused_because;
    if refused_because is null then
        delete from guard.hold h where h.account_id = _order.account_id;
        delete from guard.eased e where e.account_id = _order.account_id returning e.* into _full;
        if found then
            _now := guard.now();
            -- What was used up stays used up; but a unit that took ten times as long to come back makes no bucket
            -- emptier than empty.
            update guard.budget b
               set all_burst = _full.all_burst, all_every = _full.all_every,
                   all_tat = least(b.all_tat, _now + _full.all_burst * _full.all_every),
                   new_burst = _full.new_burst, new_every = _full.new_every,
                   new_tat = least(b.new_tat, _now + _full.new_burst * _full.new_every),
                   fresh_burst = _full.fresh_burst, fresh_every = _full.fresh_every,
                   fresh_tat = least(b.fresh_tat, _now + _full.fresh_burst * _full.fresh_every),
                   typed_burst = _full.typed_burst, typed_every = _full.typed_every,
                   typed_tat = least(b.typed_tat, _now + _full.typed_burst * _full.typed_every),
                   miss_burst = _full.miss_burst, miss_every = _full.miss_every,
                   miss_tat = least(b.miss_tat, _now + _full.miss_burst * _full.miss_every)
             where b.kind = 2 and b.id = _order.account_id
            returning b.* into strict _budget;
            perform journal.record_cap(2::smallint, _order.account_id, _now, guard.pack_caps(_budget));
        end if;
        released_at := clock_timestamp();
        perform journal.record_gate('hold', guard.now(), 'release', 'account', _value, _reason, '', _order.good_until, _nonce, null, _signers, _order.keys, _signatures);
    end if;
    return next;
end
$$;

comment on function guard.release_hold(text, text, bytea, text[], bytea[]) is 'Gives an account back, with the caps that it had.';
