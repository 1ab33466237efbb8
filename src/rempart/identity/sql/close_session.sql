-- What: ends a session of one's own: this one (null), another one, from anywhere.
-- Charges or records: when.
-- Called by: the sign-in process (role rempart_signin).
-- Locks: as identity.proved_session, then token.
-- Round trips: one. Refusals: session_ended, proof_repeated, session_unknown.
create or replace function identity.close_session(_token text, _jkt bytea, _proof_jti text, _session_no uuid)
returns table (closed bigint, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
    _closed bigint;
begin
    select p.account_id, p.session_no, p.refused_because into strict _me
      from identity.proved_session(_token, _jkt, _proof_jti, false, false) as p;
    if _me.refused_because is not null then
        return query select 0::bigint, _me.refused_because;
        return;
    end if;
    update identity.token as t set revoked_at = clock_timestamp()
      from identity.session as s
     where s.token_hash = t.token_hash and s.account_id = _me.account_id
       and s.session_no = coalesce(_session_no, _me.session_no) and t.revoked_at is null;
    get diagnostics _closed = row_count;
    return query select _closed, case when _closed = 0 then 'session_unknown' end;
end;
$$;

comment on function identity.close_session(text, bytea, text, uuid) is
'Ends a session of one''s own.';
