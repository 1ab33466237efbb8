-- What: puts sealed lines in the place of clear ones, for claims that are paid; both in this transaction.
-- Charges or records: a row of billing.sealed_lines each; the claim's rows of billing.claim_line go, and it says when.
-- Called by: rempart_jobs (rempart lines seal, rempart jobs).
-- Locks: rows of billing.claim, sorted, passed over when somebody holds them; then its lines, which nobody else touches (billing.sealable_since).
-- Round trips: one a batch. A claim that is sealed already, is not paid, or whose insurer has another key by now is left as it is.
create or replace function billing.keep_sealed(_claims bytea[], _key_id bytea, _sealed bytea[]) returns table (kept bigint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _held bytea[];
begin
    if cardinality(_claims) <> cardinality(_sealed) then
        raise exception 'each claim has one sealed message' using errcode = 'RP035';
    end if;
    _held := array(
        select c.claim_id from billing.claim c
         where c.claim_id = any (_claims) and c.state = 'paid' and c.lines_sealed_at is null
           and c.made_at >= billing.sealable_since() and billing.line_key_in_force(c.insurer_id) = _key_id
         order by c.claim_id
           for no key update skip locked);
    -- Row-level security lets nobody take a line away but where its sealed form is there, nor put one back.
    with put as (
        insert into billing.sealed_lines as p (claim_id, insurer_id, key_id, made_on, sealed_at, sealed)
        select c.claim_id, c.insurer_id, _key_id, l.made_on, clock_timestamp(), s.sealed
          from unnest(_claims, _sealed) as s (claim_id, sealed)
               join billing.claim c on c.claim_id = s.claim_id
               join billing.claim_line l on l.claim_id = c.claim_id and l.place = 1
         where c.claim_id = any (_held)
        returning p.claim_id)
    select array(select p.claim_id from put p) into _held;
    delete from billing.claim_line l where l.claim_id = any (_held);
    update billing.claim c set lines_sealed_at = clock_timestamp() where c.claim_id = any (_held);
    kept := cardinality(_held);
    return next;
end
$$;

comment on function billing.keep_sealed(bytea[], bytea, bytea[]) is 'Keeps lines of paid claims sealed, and no longer in clear.';
