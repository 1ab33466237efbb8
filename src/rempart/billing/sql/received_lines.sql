-- What: what was delivered, of one claim, as its insurer may read it: the one place where an insurer's software gets lines from.
-- Charges or records: nothing.
-- Called by: billing.received.
-- Locks: none.
-- Round trips: none of its own. One row. In clear, in their order, until the claim is paid; then sealed to a key of this insurer; then neither (docs/lines.md).
create or replace function billing.received_lines(_claim_id bytea, out lines jsonb, out key_id bytea, out sealed bytea)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    select jsonb_agg(jsonb_build_object(
               'category', l.category, 'quantity', l.quantity, 'price_cents', l.price_cents,
               'base_cents', l.base_cents, 'obligatory_cents', l.obligatory_cents) order by l.place) into lines
      from billing.claim_line l
     where l.claim_id = _claim_id;
    select s.key_id, s.sealed into key_id, sealed from billing.sealed_lines s where s.claim_id = _claim_id;
end
$$;

comment on function billing.received_lines(bytea) is 'The lines of a claim for its insurer, in clear or sealed.';
