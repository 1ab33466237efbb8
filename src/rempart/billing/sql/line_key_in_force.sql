-- What: the key that an insurer's lines are sealed to now; null: it stated none.
-- Charges or records: nothing.
-- Called by: billing.set_line_key, billing.keep_sealed, billing.list_line_keys, billing.list_lines.
-- Locks: none.
-- Round trips: none of its own.
create or replace function billing.line_key_in_force(_insurer bigint) returns bytea
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select k.key_id from billing.line_key k where k.insurer_id = _insurer order by k.place desc limit 1
$$;

comment on function billing.line_key_in_force(bigint) is 'The key that an insurer''s lines are sealed to.';
