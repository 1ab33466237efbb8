-- What: since when a claim must have been made so that its lines are still sealed: a week before erasure comes to them.
-- Charges or records: nothing; reads nothing.
-- Called by: billing.lines_to_seal, billing.keep_sealed.
-- Locks: none. It keeps sealing and erasure (billing.erase_lines) apart: no line is ever both of theirs.
-- Round trips: none of its own.
create or replace function billing.sealable_since() returns timestamptz
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select (current_date - interval '6 months')::date + interval '7 days'
$$;

comment on function billing.sealable_since() is 'Since when a claim must have been made so that its lines are sealed.';
