-- What: what an attempt left on record, if another transaction wrote it and committed.
-- Charges or records: nothing.
-- Called by: rights.collect.
-- Locks: none.
-- Round trips: none of its own.
create or replace function journal.on_record(_attempt bytea, _installation bigint)
returns table (
    kind text, receipt bytea, head_hash bytea, leaf_hash bytea, commitment_m bytea, commitment_b bytea,
    salt_a bytea, outcome text, refused_because text, rate_bp integer, amount_cents integer,
    ceiling_cents integer, engagement_id bytea, expires_on date
)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select e.kind, e.receipt,
           sha256(journal.pack(
               'rempart/entry/v1', int8send(e.entry_no),
               int8send((extract(epoch from e.recorded_at) * 1000000)::bigint), int8send(e.guard_at),
               convert_to(e.kind, 'UTF8'), int2send(e.subject_kind), int8send(e.subject_id),
               int8send(e.counter), e.previous_hash, e.edge, e.boot, convert_to(e.proof_kind, 'UTF8'),
               e.charges, int8send(e.replays), int4send(e.tally))),
           e.leaf_hash, e.commitment_m, e.commitment_b, p.salt_a, p.outcome, p.refused_because,
           p.rate_bp, p.amount_cents, p.ceiling_cents, p.engagement_id, p.expires_on
      from journal.payload p
           join journal.entry e on e.entry_no = p.entry_no and e.recorded_at = p.recorded_at
     where p.attempt = _attempt
       and p.installation_id = _installation
       and p.recorded_at > statement_timestamp() - interval '1 day'
       -- The reader's own transaction does not count: it could still be rolled back.
       and p.xid is distinct from pg_current_xact_id_if_assigned()
$$;

comment on function journal.on_record(bytea, bigint) is 'Outcome of an attempt, only from an entry that another, committed transaction wrote.';
