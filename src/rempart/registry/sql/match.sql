-- What: says whether a person is covered in a domain on a date, and what the plan pays; exactly one row, always.
-- Charges or records: nothing; its caller judged before and records after.
-- Called by: rights.ask_one.
-- Locks: none.
-- Round trips: none of its own.
create or replace function registry.match(
    _insurer_id bigint, _indexes bytea[], _cards bytea[], _evidence text, _domain text, _care_on date,
    out fits boolean, out member_reference bytea, out plan_id bigint, out mode text,
    out rate_bp integer, out amount_cents integer, out ceiling_cents integer, out terms_id bigint
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    -- Where nobody has the index asked, a row at this place is read in his stead: a page chosen by the index asked, the same
    -- at each question, so that it is in memory, or is not, as often as a member's own.
    _elsewhere tid := '(' || (('x' || encode(substr(_indexes[1], 1, 4), 'hex'))::bit(32)::bigint
                              * (pg_relation_size('registry.coverage') / 8192) >> 32) || ',1)';
begin
    -- The same work whoever is asked about (docs/timing.md). No condition stands in a WHERE: a hit, a stranger, an ended
    -- cover and a wrong secret search the same two indexes, under each generation of keys that lives, and fetch a cover and
    -- its plan. Of whoever is read in a stranger's stead nothing is said: without c nothing fits, and c alone has a reference.
    -- Anything NULL makes fits false; = ANY (not IS NOT DISTINCT FROM) keeps a card without a secret from matching
    -- a question without one.
    select one.fits,
           one.member_reference,
           case when one.fits then one.plan_id end,
           case when one.fits then one.mode end,
           case when one.fits then one.rate_bp end,
           case when one.fits then one.amount_cents end,
           case when one.fits then one.ceiling_cents end,
           case when one.fits then one.terms_id end
      into strict fits, member_reference, plan_id, mode, rate_bp, amount_cents, ceiling_cents, terms_id
      from (
        select coalesce(
                   -- The secret first, for typed data too: what stands behind a false is not looked at.
                   ((coalesce(c.card_hash, n.card_hash) = any (_cards) and _evidence = 'scan') or _evidence = 'typed')
                   and c.person_index is not null
                   and _care_on between c.valid_from and c.valid_to
                   and d.domain = _domain,
                   false) as fits,
               c.member_reference, c.plan_id, d.mode, d.rate_bp, d.amount_cents, d.ceiling_cents,
               d.terms_id, c.cover_rank, c.valid_from
          from (values (true)) as always (row_here)
          left join registry.coverage c
            on always.row_here and c.insurer_id = _insurer_id and c.person_index = any (_indexes)
          left join registry.coverage n
            on n.ctid = case when c.person_index is null then _elsewhere end
          left join lateral (
              select pd.domain, pd.mode, pd.rate_bp, pd.amount_cents, pd.ceiling_cents, pd.terms_id
                from registry.plan_domain pd
               where pd.plan_id = coalesce(c.plan_id, n.plan_id, 0) and pd.domain = _domain
               limit 1
          ) as d on true
      ) as one
     order by one.fits desc, one.cover_rank, one.valid_from desc
     limit 1;
end
$$;

comment on function registry.match(bigint, bytea[], bytea[], text, text, date) is 'Whether somebody is covered: one row always; the member''s reference whenever the index is known, for the journal alone.';
