-- What: closes a scope, from the next batch of questions on every edge; closing it again gives it the new reason and end.
-- Charges or records: an entry of kind gate, in the same transaction.
-- Called by: rempart_desk (rempart gate close).
-- Locks: guard.gate against other moves (questions read it without a lock), then journal.head of the platform.
-- Round trips: one. Refusals: scope_unknown, reason_not_plain, author_not_valid, end_not_ahead.
create or replace function guard.close_gate(_scope text, _value text, _reason text, _author text, _until timestamptz)
returns table (refused_because text, closed_at timestamptz)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
#variable_conflict use_column
declare
    _key bigint := guard.gate_key(_scope, _value);
    _now timestamptz := clock_timestamp();
    _end timestamptz := coalesce(_until, 'infinity');
begin
    perform set_config('synchronous_commit', 'on', true);
    refused_because := case
        when _key is null then 'scope_unknown'
        when not guard.plain_reason(_reason) then 'reason_not_plain'
        when not coalesce(_author ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$', false) then 'author_not_valid'
        when _end <= _now then 'end_not_ahead' end;
    if refused_because is null then
        lock table guard.gate in share row exclusive mode;
        insert into guard.gate as g (scope, key, value, reason, author, closed_at, until)
        values (_scope, _key, _value, _reason, _author, _now, _end)
        on conflict (scope, key) do update
           set reason = excluded.reason, author = excluded.author, until = excluded.until,
               closed_at = case when g.until > _now then g.closed_at else _now end
        returning g.closed_at into closed_at;
        perform journal.record_gate('gate', guard.now(), 'close', _scope, _value, _reason, _author, _end, null, null, null, null, null);
    end if;
    return next;
end
$$;

comment on function guard.close_gate(text, text, text, text, timestamptz) is 'Closes a scope at once.';
