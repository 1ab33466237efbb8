-- What: gives an account that is at a tenth the caps back that it had.
-- Charges or records: an entry of kind cap.
-- Called by: guard.release_hold, guard.end_tenth.
-- Locks: the account's guard.budget row, then its journal.head.
-- Round trips: none of its own. False: it was not at a tenth.
create or replace function guard.give_back(_account bigint)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _full guard.eased;
    _budget guard.budget;
    _now bigint;
begin
    perform 1 from guard.budget b where b.kind = 2 and b.id = _account for no key update;
    delete from guard.tenth t where t.account_id = _account;
    delete from guard.eased e where e.account_id = _account returning e.* into _full;
    if not found then
        return false;
    end if;
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
     where b.kind = 2 and b.id = _account
    returning b.* into strict _budget;
    perform journal.record_cap(2::smallint, _account, _now, guard.pack_caps(_budget));
    return true;
end
$$;

comment on function guard.give_back(bigint) is
'Gives an account the caps back that it had.';
