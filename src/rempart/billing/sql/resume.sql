-- What: somebody says that a restored copy was compared with the bank: it pays again, until the next restore.
-- Charges or records: who, when and why, under the present epoch.
-- Called by: rempart_desk (rempart pay resume).
-- Locks: the unique key (epoch), for which another resumption alone waits.
-- Round trips: one. Refusals: reason_not_plain, author_not_valid, not_taken_up, not_stopped.
create or replace function billing.resume(_reason text, _author text) returns table (refused_because text, resumed_at timestamptz)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _because text;
begin
    perform set_config('synchronous_commit', 'on', true);
    select s.because into strict _because from billing.stopped() s;
    refused_because := case
        when not guard.plain_reason(_reason) then 'reason_not_plain'
        when not coalesce(_author ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$', false) then 'author_not_valid'
        when _because is null then 'not_stopped'
        when _because <> 'restored' then _because end;
    if refused_because is null then
        insert into billing.resumption as r (epoch, resumed_at, author, reason)
        select f.epoch, clock_timestamp(), _author, _reason from foundation.life() f
        on conflict (epoch) do nothing
        returning r.resumed_at into resumed_at;
        if not found then
            refused_because := 'not_stopped';
        end if;
    end if;
    return next;
end
$$;

comment on function billing.resume(text, text) is 'Lets a restored copy pay again.';
