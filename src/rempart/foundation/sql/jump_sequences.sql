-- What: lets every number that the platform gives jump, so that none given after the copy was made is given again.
-- Charges or records: the sequences of every feature, the journal's own apart.
-- Called by: foundation.restore.
-- Locks: none.
-- Round trips: none of its own.
create or replace function foundation.jump_sequences(_jump bigint) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    perform setval(c.oid::regclass, coalesce(pg_sequence_last_value(c.oid::regclass), 0) + _jump)
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'S' and n.nspname in ('identity', 'registry', 'guard', 'billing', 'rights');
end
$$;

comment on function foundation.jump_sequences(bigint) is 'Moves every sequence of the features ahead.';
