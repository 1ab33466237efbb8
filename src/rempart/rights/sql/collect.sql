-- What: outcomes of attempts that another, committed transaction recorded, to the live token of the installation that asked.
-- Charges or records: nothing.
-- Called by: rempart_edge (the lane), once a batch, after the commit of rights.ask.
-- Locks: none.
-- Round trips: one.
create or replace function rights.collect(_pickups jsonb)
returns table (
    attempt bytea, kind text, receipt bytea, head_hash bytea, leaf_hash bytea, commitment_m bytea,
    commitment_b bytea, salt_a bytea, outcome text, refused_because text, rate_bp integer,
    amount_cents integer, ceiling_cents integer, engagement_id bytea, expires_on date
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
#variable_conflict use_column
declare
    _c rights.pickup;
    _who record;
begin
    if _pickups is null or jsonb_typeof(_pickups) <> 'array' or jsonb_array_length(_pickups) > 128 then
        raise exception 'a batch holds at most 128 attempts' using errcode = 'RP001';
    end if;
    for _c in select * from jsonb_populate_recordset(null::rights.pickup, _pickups) loop
        for _who in select w.installation_id from identity.who(_c.token, _c.jkt, null, null) as w loop
            return query
                select _c.attempt, r.*
                  from journal.on_record(_c.attempt, _who.installation_id) as r;
            if not found and guard.muted(_who.installation_id, identity.accounts_of(_who.installation_id)) then
                -- Nothing of its own was written: its refusal is counted, once a minute.
                return query
                    select _c.attempt, 'refusal'::text, null::bytea, null::bytea, null::bytea, null::bytea,
                           null::bytea, null::bytea, ''::text, 'too_many_questions'::text, null::integer,
                           null::integer, null::integer, null::bytea, null::date;
            end if;
        end loop;
    end loop;
end
$$;

comment on function rights.collect(jsonb) is 'Answers, only from what is committed and on record.';
