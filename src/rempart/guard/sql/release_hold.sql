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
begin
    select * into strict _order from guard.take_order('release', _value, _reason, _nonce, _signers, _signatures);
    refused_because := _order.refused_because;
    if refused_because is null then
        delete from guard.hold h where h.account_id = _order.account_id;
        perform guard.give_back(_order.account_id);
        released_at := clock_timestamp();
        perform journal.record_gate('hold', guard.now(), 'release', 'account', _value, _reason, '', _order.good_until, _nonce, null, _signers, _order.keys, _signatures);
    end if;
    return next;
end
$$;

comment on function guard.release_hold(text, text, bytea, text[], bytea[]) is 'Gives an account back, with the caps that it had.';
