-- What: outcomes of attempts that another, committed transaction recorded, to the live token of the installation that asked.
-- Charges or records: nothing.
-- Called by: rempart_edge (the lane), once a batch, after the commit of rights.ask.
-- Locks: none.
-- Round trips: one.
create or replace function rights.collect(_pickups jsonb)
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
declare
    _attempts bytea[];
    _tokens text[];
    _jkts bytea[];
    _installations bigint[];
    _count bigint;
begin
    if (case when jsonb_typeof(_pickups) = 'array' then jsonb_array_length(_pickups) <= 128 end) is not true then
        raise exception 'a batch holds at most 128 attempts' using errcode = 'RP001';
    end if;
    select array_agg(p.attempt), array_agg(p.token), array_agg(p.jkt)
      into _attempts, _tokens, _jkts
      from jsonb_populate_recordset(null::rights.pickup, _pickups) as p;
    _installations := identity.alive(_tokens, _jkts);
    return query select * from journal.on_record(_attempts, _installations);
    get diagnostics _count = row_count;
    if _count < cardinality(_attempts) then
        -- Nothing of its own was written: its refusal is counted, once a minute.
        return query
            select q.attempt, 'refusal'::text, null::bytea, null::bytea, null::bytea, null::bytea,
                   null::bytea, null::bytea, ''::text, 'too_many_questions'::text, null::integer,
                   null::integer, null::integer, null::bytea, null::date, null::bytea
              from unnest(_attempts, _installations) as q (attempt, installation_id)
             where q.attempt <> all (array(select r.attempt from journal.on_record(_attempts, _installations) as r))
               and guard.muted(q.installation_id, identity.accounts_of(q.installation_id));
    end if;
end
$$;

comment on function rights.collect(jsonb) is 'Answers, only from what is committed and on record.';
