-- What: judges a signed order over an account, and uses it up: whose account, whether the move fits, whether enough officers signed.
-- Charges or records: uses up the order's nonce.
-- Called by: guard.place_hold, guard.ease_hold, guard.release_hold.
-- Locks: guard.gate against other moves (questions read without a lock), then the nonce's row.
-- Round trips: none of its own. Refusals: scope_unknown, reason_not_plain, held_already, not_held, and those of guard.use_nonce.
create or replace function guard.take_order(
    _action text, _value text, _reason text, _nonce bytea, _signers text[], _signatures bytea[],
    out refused_because text, out account_id bigint, out good_until timestamptz, out keys bytea[]
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
#variable_conflict use_column
declare
    _account bigint := guard.gate_key('account', _value);
    _held boolean;
    _eased boolean;
begin
    perform set_config('synchronous_commit', 'on', true);
    lock table guard.gate in share row exclusive mode;
    _held := exists (select from guard.hold h where h.account_id = _account);
    _eased := exists (select from guard.eased e where e.account_id = _account);
    account_id := _account;
    refused_because := case
        when _account is null then 'scope_unknown'
        when not guard.plain_reason(_reason) then 'reason_not_plain'
        when _action = 'place' and _held then 'held_already'
        when _action = 'ease' and not _held then 'not_held'
        when _action = 'release' and not _held and not _eased then 'not_held' end;
    if refused_because is null then
        select u.refused_because, u.good_until, u.keys
          into strict refused_because, good_until, keys
          from guard.use_nonce(_nonce, _signers, _signatures, case when _action = 'release' then 2 else 1 end) as u;
    end if;
end
$$;

comment on function guard.take_order(text, text, text, bytea, text[], bytea[]) is 'Judges a signed order over an account and uses it up.';
