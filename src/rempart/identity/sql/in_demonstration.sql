-- What: the account behind a step that only a demonstration has, its proof used up.
-- Charges or records: the proof.
-- Called by: the edge (role rempart_edge), for the theft that a demonstration shows.
-- Locks: the unique key (jkt, jti).
-- Round trips: one. Refusals: not_found (no demonstration's mark: as if there were no such step), session_over, proof_repeated.
create or replace function identity.in_demonstration(_token text, _jkt bytea, _proof_jti text)
returns table (rpps text, site text, profession text, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _found record;
begin
    if foundation.marked_as_demo() is not true then
        return query select null::text, null::text, null::text, 'not_found';
        return;
    end if;
    select s.rpps, s.site, s.profession into _found from identity.find_session(_token, _jkt) as s where _jkt is not null;
    if not found then
        return query select null::text, null::text, null::text, 'session_over';
        return;
    end if;
    if identity.proof_first_seen(_jkt, _proof_jti) is not true then
        return query select null::text, null::text, null::text, 'proof_repeated';
        return;
    end if;
    return query select _found.rpps, _found.site, _found.profession, null::text;
end;
$$;

comment on function identity.in_demonstration(text, bytea, text) is
'The account that a step of the demonstration alone is for.';
