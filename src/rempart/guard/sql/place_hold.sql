-- What: stops an account, on the signature of one officer.
-- Charges or records: an entry of kind hold with the order and the signatures, in the same transaction.
-- Called by: rempart_desk (rempart hold place), which has checked the signatures; journal verify checks them again.
-- Locks: those of guard.take_order, then journal.head of the platform.
-- Round trips: one. Refusals: those of guard.take_order.
create or replace function guard.place_hold(
    _value text, _reason text, _nonce bytea, _signers text[], _signatures bytea[]
)
returns table (refused_because text, placed_at timestamptz)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
#variable_conflict use_column
declare
    _order record;
begin
    select * into strict _order from guard.take_order('place', _value, _reason, _nonce, _signers, _signatures);
    refused_because := _order.refused_because;
    if refused_because is null then
        insert into guard.hold as h (account_id, value, reason, author, placed_at)
        values (_order.account_id, _value, _reason, _signers[1], clock_timestamp())
        returning h.placed_at into placed_at;
        perform journal.record_gate('hold', guard.now(), 'place', 'account', _value, _reason, '', _order.good_until, _nonce, null, _signers, _order.keys, _signatures);
    end if;
    return next;
end
$$;

comment on function guard.place_hold(text, text, bytea, text[], bytea[]) is 'Stops an account until two officers release it, or one gives it back at a tenth.';
