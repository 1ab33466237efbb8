-- What: puts an account at a tenth of its caps, and keeps what it had for the day when it gets that back.
-- Charges or records: an entry of kind cap. An account that is at a tenth already stays as it is.
-- Called by: guard.ease_hold, guard.recover_caps.
-- Locks: the account's guard.budget row, then its journal.head.
-- Round trips: none of its own. NULL: it was at a tenth already, and a tenth of a tenth is no state of its own.
create or replace function guard.take_tenth(_account bigint, _value text, _reason text, _author text)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _budget guard.budget;
    _eased_at timestamptz;
begin
    select b.* into strict _budget
      from guard.budget b
     where b.kind = 2 and b.id = _account
       for no key update;
    insert into guard.eased as e (
        account_id, value, reason, author, eased_at, all_burst, all_every, new_burst, new_every,
        fresh_burst, fresh_every, typed_burst, typed_every, miss_burst, miss_every)
    values (
        _account, _value, _reason, _author, clock_timestamp(),
        _budget.all_burst, _budget.all_every, _budget.new_burst, _budget.new_every,
        _budget.fresh_burst, _budget.fresh_every, _budget.typed_burst, _budget.typed_every,
        _budget.miss_burst, _budget.miss_every)
    on conflict (account_id) do nothing
    returning e.eased_at into _eased_at;
    if not found then
        return null;
    end if;
    -- A tenth of each, but never less than one at a time: some caps are smaller than ten.
    update guard.budget b
       set all_burst = least(b.all_burst, greatest(1, b.all_burst / 10)), all_every = 10 * b.all_every,
           new_burst = least(b.new_burst, greatest(1, b.new_burst / 10)), new_every = 10 * b.new_every,
           fresh_burst = least(b.fresh_burst, greatest(1, b.fresh_burst / 10)), fresh_every = 10 * b.fresh_every,
           typed_burst = least(b.typed_burst, greatest(1, b.typed_burst / 10)), typed_every = 10 * b.typed_every,
           miss_burst = least(b.miss_burst, greatest(1, b.miss_burst / 10)), miss_every = 10 * b.miss_every
     where b.kind = 2 and b.id = _account
    returning b.* into _budget;
    perform journal.record_cap(2::smallint, _account, guard.now(), guard.pack_caps(_budget));
    return _eased_at;
end
$$;

comment on function guard.take_tenth(bigint, text, text, text) is
'Puts an account at a tenth of its caps.';
