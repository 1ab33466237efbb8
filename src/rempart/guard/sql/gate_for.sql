-- What: whether anything that this question concerns is closed: by a gate on any of its scopes, or by a hold.
-- Charges or records: nothing.
-- Called by: rights.ask_one, before the registry is read for anybody.
-- Locks: none.
-- Round trips: none of its own.
create or replace function guard.gate_for(
    _installation bigint, _account bigint, _professional bigint, _site bigint, _insurer bigint, _evidence text
) returns boolean
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    -- An older snapshot would not see what has been closed since: only the default isolation takes a new one each time.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'questions are asked in read committed transactions' using errcode = 'RP001';
    end if;
    -- By which channel it was asked is looked up only while one is closed.
    if exists (select from guard.gate g where g.scope = 'channel' and g.until > clock_timestamp()) then
        if coalesce((
            select bool_or(g.key = identity.channel_of(_installation))
              from guard.gate g where g.scope = 'channel' and g.until > clock_timestamp()), true) then
            return true;
        end if;
    end if;
    return exists (
        select from guard.gate g
         where (g.scope, g.key) in (
                   ('platform', 0::bigint),
                   ('grade', case _evidence when 'typed' then 1::bigint when 'scan' then 2::bigint end),
                   ('account', _account), ('professional', _professional), ('site', _site),
                   ('client', _installation), ('insurer', _insurer))
           and g.until > clock_timestamp()
        union all
        select from guard.hold h
         where h.account_id = _account);
end
$$;

comment on function guard.gate_for(bigint, bigint, bigint, bigint, bigint, text) is 'True when a gate or a hold closes any scope of a question.';
