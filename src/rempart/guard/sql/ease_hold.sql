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
begin
    select * into strict _order from guard.take_order('ease', _value, _reason, _nonce, _signers, _signatures);
    refused_because := _order.refused_because;
    if refused_because is null then
        delete from guard.hold h where h.account_id = _order.account_id;
        -- A week's tenth, if there was one, is the officers' from here on.
        delete from guard.tenth t where t.account_id = _order.account_id;
        eased_at := guard.take_tenth(_order.account_id, _value, _reason, _signers[1]);
        if eased_at is null then
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
