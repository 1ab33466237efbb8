-- What: puts an account that has just been recovered, or unblocked, at a tenth of its caps for a week.
-- Charges or records: an entry of kind cap, unless it is at a tenth already.
-- Called by: rempart_signin, in the transaction that recovers or unblocks.
-- Locks: as guard.take_tenth.
-- Round trips: one. True. An account that an officer eased stays at a tenth until officers release it: a week gives nothing back.
create or replace function guard.recover_caps(_account bigint)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _eased_at timestamptz;
    _until bigint := guard.now() + 604800000000;
begin
    _eased_at := guard.take_tenth(_account, identity.name_of(_account), 'Retour après une récupération ou une absence', 'portal');
    if _eased_at is not null then
        insert into guard.tenth (account_id, until) values (_account, _until);
    else
        update guard.tenth t set until = _until where t.account_id = _account;
    end if;
    return true;
end
$$;

comment on function guard.recover_caps(bigint) is
'A tenth for a week.';
