-- What: the key under which a scope is closed, from the name that the officer gives it.
-- Charges or records: nothing.
-- Called by: guard.close_gate, guard.open_gate, guard.take_order.
-- Locks: none.
-- Round trips: none of its own. NULL: there is no such scope, so that a mistyped name never passes for closed.
create or replace function guard.gate_key(_scope text, _value text) returns bigint
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select case
        when _scope in ('account', 'professional', 'site', 'client') then identity.id_of(_scope, _value)
        when _scope = 'insurer' then registry.insurer_served(_value)
        when _scope = 'channel' and _value = 'software' then 1
        when _scope = 'channel' and _value = 'portal' then 2
        when _scope = 'grade' and _value = 'typed' then 1
        when _scope = 'grade' and _value = 'scan' then 2
        when _scope = 'grade' and _value = 'exception' then 3
        when _scope = 'platform' and _value = '' then 0
    end
$$;

comment on function guard.gate_key(text, text) is 'Resolves a scope; NULL when there is none.';
