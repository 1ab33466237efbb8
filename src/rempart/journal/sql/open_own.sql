-- What: what opens commitment A of one of an account's own entries, and the hashes that complete its leaf: a receipt, told again.
-- Charges or records: the proof.
-- Called by: rempart_edge (My activity), with the time and the receipt's number from journal.list_own.
-- Locks: those of identity.proved_reader.
-- Round trips: one. No row: no such entry of this account's, or it was erased. Neither M nor B is opened: nothing says about whom.
create or replace function journal.open_own(_token text, _jkt bytea, _proof_jti text, _at timestamptz, _receipt bytea)
returns table (
    receipt bytea, head_hash bytea, leaf_hash bytea, commitment_m bytea, commitment_b bytea, salt_a bytea,
    professional text, site text, domain text, care_on date, evidence text, outcome text, refused_because text,
    rate_bp integer, amount_cents integer, ceiling_cents integer, expires_on date, engagement_id bytea,
    digest bytea, told bytea, denied text
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
begin
    select m.account_id, m.refused_because into strict _me from identity.proved_reader(_token, _jkt, _proof_jti) as m;
    if _me.refused_because is not null then
        return query select null::bytea, null::bytea, null::bytea, null::bytea, null::bytea, null::bytea,
                            null::text, null::text, null::text, null::date, null::text, null::text, null::text,
                            null::integer, null::integer, null::integer, null::date, null::bytea, null::bytea, null::bytea,
                            _me.refused_because;
        return;
    end if;
    return query
    select e.receipt,
           sha256(
               journal.field('rempart/entry/v1') || journal.field(int8send(e.entry_no))
               || journal.field(int8send((extract(epoch from e.recorded_at) * 1000000)::bigint))
               || journal.field(int8send(e.guard_at)) || journal.field(convert_to(e.kind, 'UTF8'))
               || journal.field(int2send(e.subject_kind)) || journal.field(int8send(e.subject_id))
               || journal.field(int8send(e.counter)) || journal.field(e.previous_hash)
               || journal.field(e.edge) || journal.field(e.boot) || journal.field(convert_to(e.proof_kind, 'UTF8'))
               || journal.field(e.charges) || journal.field(int8send(e.replays)) || journal.field(int4send(e.tally))),
           e.leaf_hash, e.commitment_m, e.commitment_b, p.salt_a,
           p.professional, p.site, p.domain, p.care_on, p.evidence, p.outcome, p.refused_because,
           p.rate_bp, p.amount_cents, p.ceiling_cents, p.expires_on, p.engagement_id, p.digest, p.told, null::text
      from journal.payload p
      join journal.entry e on e.entry_no = p.entry_no and e.recorded_at = p.recorded_at
     where p.account_id = _me.account_id and p.recorded_at = _at and e.recorded_at = _at and e.receipt = _receipt;
end
$$;

comment on function journal.open_own(text, bytea, text, timestamptz, bytea) is 'Opens one of an account''s own entries to its owner, as far as he was told.';
