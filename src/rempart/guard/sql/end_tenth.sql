-- What: gives one account the caps back whose week at a tenth is over.
-- Charges or records: as guard.give_back.
-- Called by: the jobs (role rempart_jobs), until there is none left.
-- Locks: as guard.give_back: one account in a transaction.
-- Round trips: one. The account; NULL: nobody's week is over.
create or replace function guard.end_tenth()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _account bigint;
begin
    select t.account_id into _account from guard.tenth t where t.until <= guard.now() order by t.until limit 1;
    if found then
        perform guard.give_back(_account);
    end if;
    return _account;
end
$$;

comment on function guard.end_tenth() is
'Ends one week at a tenth that is over.';
