-- What: sealed lines of an insurer that were sealed on these days, after a claim: a page of them.
-- Charges or records: nothing. The insurer alone can open them.
-- Called by: rempart_jobs (rempart lines export).
-- Locks: none.
-- Round trips: one a page, in the order of the claims' numbers.
create or replace function billing.read_sealed(_amc text, _from date, _until date, _after bytea, _at_most integer)
returns table (claim_id bytea, key_id bytea, sealed bytea)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select s.claim_id, s.key_id, s.sealed
      from billing.sealed_lines s
     -- One that has left since still gets its lines: whoever had any sealed has a key.
     where s.insurer_id = (select k.insurer_id from billing.line_key k where registry.amc_of(k.insurer_id) = _amc limit 1)
       and s.sealed_at >= _from::timestamptz and s.sealed_at < (_until + 1)::timestamptz
       and s.claim_id > _after
     order by s.claim_id
     limit _at_most
$$;

comment on function billing.read_sealed(text, date, date, bytea, integer) is 'An insurer''s sealed lines.';
