-- What: what attempts left on record, if another transaction wrote it and committed.
-- Charges or records: nothing.
-- Called by: rights.collect, once a batch.
-- Locks: none.
-- Round trips: none of its own. No row for an attempt that left nothing, or that another installation made.
create or replace function journal.on_record(_attempts bytea[], _installations bigint[])
returns table (
    attempt bytea, kind text, receipt bytea, head_hash bytea, leaf_hash bytea, commitment_m bytea,
    commitment_b bytea, salt_a bytea, outcome text, refused_because text, rate_bp integer,
    amount_cents integer, ceiling_cents integer, engagement_id bytea, expires_on date, told bytea
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select p.attempt, e.kind, e.receipt,
           sha256(
               substr(array_send(array[
                   'rempart/entry/v1', int8send(e.entry_no),
                   int8send((extract(epoch from e.recorded_at) * 1000000)::bigint), int8send(e.guard_at),
                   convert_to(e.kind, 'UTF8'), int2send(e.subject_kind), int8send(e.subject_id),
                   int8send(e.counter), e.previous_hash, e.edge, e.boot, convert_to(e.proof_kind, 'UTF8'),
                   e.charges, int8send(e.replays), int4send(e.tally)]::bytea[]), 21)),
           e.leaf_hash, e.commitment_m, e.commitment_b, p.salt_a, p.outcome, p.refused_because,
           p.rate_bp, p.amount_cents, p.ceiling_cents, p.engagement_id, p.expires_on, p.told
      from unnest(_attempts, _installations) as q (attempt, installation_id)
      join journal.payload p on p.attempt = q.attempt and p.installation_id = q.installation_id
      join journal.entry e on e.entry_no = p.entry_no and e.recorded_at = p.recorded_at
           -- A day, and an hour ahead for a clock set back: partitions outside are not even opened.
     where p.recorded_at > statement_timestamp() - interval '1 day'
       and p.recorded_at < statement_timestamp() + interval '1 hour'
       and e.recorded_at > statement_timestamp() - interval '1 day'
       and e.recorded_at < statement_timestamp() + interval '1 hour'
       -- The reader's own transaction does not count: it could still be rolled back.
       and p.xid is distinct from pg_current_xact_id_if_assigned();
end
$$;

comment on function journal.on_record(bytea[], bigint[]) is 'Outcomes of attempts, only from entries that another, committed transaction wrote.';
