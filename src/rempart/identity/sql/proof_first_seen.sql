-- What: uses a DPoP proof up: true the first time, false ever after, and false for anything missing or too long.
-- Charges or records: the proof's identifier under its key.
-- Called by: rights.ask and rights.collect, in the transaction that the proof is for.
-- Locks: the unique key (jkt, jti), last in the order of locks; callers pass proofs sorted.
-- Round trips: none of its own.
create or replace function identity.proof_first_seen(_jkt bytea, _jti text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    if _jkt is null or octet_length(_jkt) <> 32 or _jti is null or char_length(_jti) not between 1 and 64 then
        return false;
    end if;
    insert into identity.proof_jti (jkt, jti, seen_at)
    values (_jkt, _jti, clock_timestamp())
    on conflict do nothing;
    return found;
end;
$$;

comment on function identity.proof_first_seen(bytea, text) is
'True when this proof had not been used before; uses it up.';
