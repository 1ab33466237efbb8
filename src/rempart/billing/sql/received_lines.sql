-- What: what was delivered, of one claim, as its insurer may read it: the one place where an insurer's software gets lines from.
-- Charges or records: nothing.
-- Called by: billing.received.
-- Locks: none.
-- Round trips: none of its own. In their order; null once they are not there any more (docs/purge.md).
create or replace function billing.received_lines(_claim_id bytea) returns jsonb
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select jsonb_agg(jsonb_build_object(
               'category', l.category, 'quantity', l.quantity, 'price_cents', l.price_cents,
               'base_cents', l.base_cents, 'obligatory_cents', l.obligatory_cents) order by l.place)
      from billing.claim_line l
     where l.claim_id = _claim_id
$$;

comment on function billing.received_lines(bytea) is 'The lines of a claim, for its insurer.';
