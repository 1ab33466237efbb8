-- What: the officers and their public keys.
-- Charges or records: nothing.
-- Called by: rempart_desk, before it checks a signature.
-- Locks: none.
-- Round trips: one.
create or replace function guard.list_officers()
returns table (name text, public_key bytea, added_at timestamptz)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select o.name, o.public_key, o.added_at
      from guard.officer o
     order by o.added_at, o.name
$$;

comment on function guard.list_officers() is 'Who may sign.';
