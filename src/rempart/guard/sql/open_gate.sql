-- What: opens a scope that was closed; a hold on an account stays.
-- Charges or records: an entry of kind gate, in the same transaction.
-- Called by: rempart_desk (rempart gate open).
-- Locks: guard.gate against other moves, then journal.head of the platform.
-- Round trips: one. Refusals: scope_unknown, reason_not_plain, author_not_valid, not_closed.
create or replace function guard.open_gate(_scope text, _value text, _reason text, _author text)
returns table (refused_because text, opened_at timestamptz)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
#variable_conflict use_column
declare
    _key bigint := guard.gate_key(_scope, _value);
begin
    perform set_config('synchronous_commit', 'on', true);
    lock table guard.gate in share row exclusive mode;
    if _key is null then
        -- An insurer that left is no longer known by its name, but its gate is.
        select g.key into _key from guard.gate g where g.scope = _scope and g.value = _value;
    end if;
    refused_because := case
        when _key is null then 'scope_unknown'
        when not guard.plain_reason(_reason) then 'reason_not_plain'
        when not coalesce(_author ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$', false) then 'author_not_valid'
        when not exists (select from guard.gate g where g.scope = _scope and g.key = _key) then 'not_closed' end;
    if refused_because is null then
        delete from guard.gate g where g.scope = _scope and g.key = _key;
        opened_at := clock_timestamp();
        perform journal.record_gate('gate', guard.now(), 'open', _scope, _value, _reason, _author, null, null, null, null, null, null);
    end if;
    return next;
end
$$;

comment on function guard.open_gate(text, text, text, text) is 'Opens a scope again.';
