-- What: puts charges in the order of the entry: by kind, id and bucket (docs/entry.md).
-- Charges or records: nothing.
-- Called by: rights.ask_one, for an exception alone.
-- Locks: none.
-- Round trips: none of its own.
create or replace function guard.in_order(_charges bytea) returns bytea
language sql immutable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    -- All of them are positive and big-endian, so bytes sort as numbers do.
    select string_agg(c.what, ''::bytea order by c.what)
      from (select substr(_charges, 34 * n + 1, 34) as what
              from generate_series(0, octet_length(_charges) / 34 - 1) as n) as c
$$;

comment on function guard.in_order(bytea) is 'Charges, sorted.';
