-- What: notes a use that the browser's key has proved: the session goes on for 30 minutes, at most to its end, and is not locked for 5.
-- Charges or records: when and from where, at most every ten seconds.
-- Called by: the edge (role rempart_edge), after a proved request was carried out.
-- Locks: the token's row, then the session's.
-- Round trips: one. False: there is no such session any more, or it is locked: only a touch unlocks.
create or replace function identity.use_session(_token text, _jkt bytea, _network text)
returns boolean
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
    select s.token_hash, s.used_at, s.ends_at into _found from identity.find_session(_token, _jkt) as s where _jkt is not null;
    if not found then
        return false;
    end if;
    if _found.used_at <= clock_timestamp() - interval '10 seconds' then
        update identity.token as t
           set expires_at = least(clock_timestamp() + interval '30 minutes', _found.ends_at),
               locks_at = clock_timestamp() + interval '5 minutes'
         where t.token_hash = _found.token_hash and t.locks_at > clock_timestamp();
        if not found then
            return false;
        end if;
        update identity.session as s set used_at = clock_timestamp(), network = left(coalesce(_network, ''), 64)
         where s.token_hash = _found.token_hash;
    end if;
    return true;
end;
$$;

comment on function identity.use_session(text, bytea, text) is
'Keeps a session alive and unlocked on a proved use; false when it is over or locked.';
