-- What: uses up an order's nonce, and finds the keys of those who signed it: so many different officers, or none at all.
-- Charges or records: deletes the nonce.
-- Called by: guard.add_officer, guard.remove_officer, guard.take_order. The signatures themselves are checked by the desk and by journal verify.
-- Locks: the nonce's row; callers hold guard.gate.
-- Round trips: none of its own. Refusals: order_expired, officer_unknown, officers_needed.
create or replace function guard.use_nonce(
    _nonce bytea, _signers text[], _signatures bytea[], _needed integer,
    out refused_because text, out good_until timestamptz, out keys bytea[]
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
#variable_conflict use_column
begin
    select array_agg(o.public_key order by s.position)
      into keys
      from unnest(_signers) with ordinality as s (name, position)
      join guard.officer o on o.name = s.name;
    refused_because := case
        when coalesce(cardinality(keys), 0) <> coalesce(cardinality(_signers), 0) then 'officer_unknown'
        when coalesce(cardinality(_signers), 0) <> _needed
             or coalesce(cardinality(_signatures), 0) <> _needed
             or (select count(distinct s.name) from unnest(_signers) as s (name)) <> _needed
             or exists (select from unnest(_signatures) as s (bytes) where octet_length(s.bytes) is distinct from 64)
        then 'officers_needed' end;
    if refused_because is null then
        delete from guard.nonce n
         where n.nonce = _nonce and n.good_until > clock_timestamp()
        returning n.good_until into good_until;
        if good_until is null then
            refused_because := 'order_expired';
        end if;
    end if;
end
$$;

comment on function guard.use_nonce(bytea, text[], bytea[], integer) is 'Uses up an order''s nonce; the keys of its signers.';
