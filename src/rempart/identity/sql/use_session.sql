-- What: notes a use that the browser's key has proved, and lets the session go on for 30 minutes, at most to its end.
-- Charges or records: when and from where, at most once a minute.
-- Called by: the edge (role rempart_edge), after a proved request was carried out.
-- Locks: the token's row, then the session's.
-- Round trips: one. False: there is no such session any more.
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
    if _found.used_at <= clock_timestamp() - interval '1 minute' then
        update identity.token as t set expires_at = least(clock_timestamp() + interval '30 minutes', _found.ends_at)
         where t.token_hash = _found.token_hash;
        update identity.session as s set used_at = clock_timestamp(), network = left(coalesce(_network, ''), 64)
         where s.token_hash = _found.token_hash;
    end if;
    return true;
end;
$$;

comment on function identity.use_session(text, bytea, text) is
'Keeps a session alive on a proved use; false when it is over.';
