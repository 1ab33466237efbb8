-- What: lines of claims that are paid and not sealed yet, of the insurer with this key in force: the oldest first.
-- Charges or records: nothing.
-- Called by: rempart_jobs (rempart lines seal, rempart jobs).
-- Locks: none: lines are never changed, and billing.keep_sealed looks at everything again.
-- Round trips: one a batch. No row: nothing is to be sealed, the key is not in force, or this is a copy that nobody compared yet (billing.stopped).
create or replace function billing.lines_to_seal(_key_id bytea, _at_most integer)
returns table (claim_id bytea, made_on date, lines jsonb)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    -- Which claims first, by their index alone: else each batch would look at the lines of all.
    with due as materialized (
        select c.claim_id, c.made_at
          from billing.claim c
         where c.insurer_id = (select k.insurer_id from billing.line_key k
                                where k.key_id = _key_id and k.key_id = billing.line_key_in_force(k.insurer_id))
           and c.state = 'paid' and c.lines_sealed_at is null and c.made_at >= billing.sealable_since()
           and exists (select from billing.claim_line l where l.claim_id = c.claim_id and l.place = 1)
           -- A restored copy may have a key in force that was replaced since: nothing is sealed until somebody looked.
           and (select s.because from billing.stopped() s) is null
         order by c.made_at
         limit _at_most)
    select d.claim_id, min(l.made_on),
           jsonb_agg(jsonb_build_object(
               'category', l.category, 'quantity', l.quantity, 'price_cents', l.price_cents,
               'base_cents', l.base_cents, 'obligatory_cents', l.obligatory_cents) order by l.place)
      from due d
           join billing.claim_line l on l.claim_id = d.claim_id
     group by d.claim_id, d.made_at
     order by d.made_at
$$;

comment on function billing.lines_to_seal(bytea, integer) is 'Lines of paid claims that are still in clear.';
