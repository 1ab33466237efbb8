-- What: gives an account on hold back at a tenth of its caps, on the signature of one officer; two give back the rest.
-- Charges or records: an entry of kind cap unless it is at a tenth already, and one of kind hold with the order; in one transaction.
-- Called by: rempart_desk (rempart hold ease), which has checked the signature; journal verify checks it again.
-- Locks: those of guard.take_order, the account's guard.budget row, its journal.head, then journal.head of the platform.
-- Round trips: one. Refusals: those of guard.take_order.
create or replace function guard.ease_hold(
    _value text, _reason text, _nonce bytea, _signers text[], _signatures bytea[]
)
returns table (refused_because text, eased_at timestamptz)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
#variable_conflict use_column
declare
    _order record;
    _budget guard.budget;
begin
    select * into strict _order from guard.take_order('ease', _value, _reason, _nonce, _signers, _signatures);
    refused_because := _order.refused_because;
    if refused_because is null then
        delete from guard.hold h where h.account_id = _order.account_id;
        select b.* into strict _budget
          from guard.budget b
         where b.kind = 2 and b.id = _order.account_id
           for no key update;
        insert into guard.eased as e (
            account_id, value, reason, author, eased_at, all_burst, all_every, new_burst, new_every,
            fresh_burst, fresh_every, typed_burst, typed_every, miss_burst, miss_every)
        values (
            _order.account_id, _value, _reason, _signers[1], clock_timestamp(),
            _budget.all_burst, _budget.all_every, _budget.new_burst, _budget.new_every,
            _budget.fresh_burst, _budget.fresh_every, _budget.typed_burst, _budget.typed_every,
            _budget.miss_burst, _budget.miss_every)
        on conflict (account_id) do nothing
        returning e.eased_at into eased_at;
        if found then
            -- A tenth of each, but never less than one at a time: some caps are smaller than ten.
            update guard.budget b
               set all_burst = least(b.all_burst, greatest(1, b.all_burst / 10)), all_every = 10 * b.all_every,
                   new_burst = least(b.new_burst, greatest(1, b.new_burst / 10)), new_every = 10 * b.new_every,
                   fresh_burst = least(b.fresh_burst, greatest(1, b.fresh_burst / 10)), fresh_every = 10 * b.fresh_every,
                   typed_burst = least(b.typed_burst, greatest(1, b.typed_burst / 10)), typed_every = 10 * b.typed_every,
                   miss_burst = least(b.miss_burst, greatest(1, b.miss_burst / 10)), miss_every = 10 * b.miss_every
             where b.kind = 2 and b.id = _order.account_id
            returning b.* into _budget;
            perform journal.record_cap(2::smallint, _order.account_id, guard.now(), guard.pack_caps(_budget));
        else
            -- It was put on hold again: it is at a tenth still, and a tenth of a tenth is no state of its own.
            update guard.eased e
               set reason = _reason, author = _signers[1], eased_at = clock_timestamp()
             where e.account_id = _order.account_id
            returning e.eased_at into eased_at;
        end if;
        perform journal.record_gate('hold', guard.now(), 'ease', 'account', _value, _reason, '', _order.good_until, _nonce, null, _signers, _order.keys, _signatures);
    end if;
    return next;
end
$$;

comment on function guard.ease_hold(text, text, bytea, text[], bytea[]) is 'Gives an account on hold back at a tenth of its caps.';
