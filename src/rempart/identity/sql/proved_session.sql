-- What: finds the session of a dangerous step, uses its proof up, and locks what the step may change.
-- Charges or records: the proof; a use of the session.
-- Called by: every function that changes who may enter, first thing.
-- Locks: identity.account: the asker's row, or with _for_site every row of his site by id; then proof_jti, token, session.
-- Round trips: none of its own. Refusals: session_ended, session_locked, proof_repeated, not_administrator, account_stopped (by guard.stops, with _for_site), sign_in_again (touched longer than ten minutes ago).
create or replace function identity.proved_session(
    _token text, _jkt bytea, _proof_jti text, _for_site boolean, _just_signed_in boolean
)
returns table (
    token_hash bytea, session_no uuid, account_id bigint, passkey_id bigint, site text, is_administrator boolean,
    refused_because text
)
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
    -- 1 whose, and his rows: whoever ends the account or the session first is seen after the wait
    if _jkt is null then
        return query select null::bytea, null::uuid, null::bigint, null::bigint, null::text, false, 'session_ended';
        return;
    end if;
    select s.account_id into _found from identity.find_session(_token, _jkt) as s;
    if found then
        perform 1 from identity.account as a
          where a.account_id = _found.account_id
             or (_for_site and a.site_id = (select o.site_id from identity.account as o where o.account_id = _found.account_id))
          order by a.account_id
            for no key update;
    end if;
    select s.token_hash, s.session_no, s.account_id, s.passkey_id, s.site, s.is_administrator, s.touched_at, s.ends_at into _found
      from identity.find_session(_token, _jkt) as s;
    if not found then
        return query
        select null::bytea, null::uuid, null::bigint, null::bigint, null::text, false,
               case when exists (select from identity.find_locked(_token, _jkt)) then 'session_locked' else 'session_ended' end;
        return;
    end if;

    -- 2 once
    if identity.proof_first_seen(_jkt, _proof_jti) is not true then
        return query select null::bytea, null::uuid, null::bigint, null::bigint, null::text, false, 'proof_repeated';
        return;
    end if;

    -- 3 whoever proves a request is there
    update identity.token as t
       set expires_at = least(clock_timestamp() + interval '30 minutes', _found.ends_at),
           locks_at = clock_timestamp() + interval '5 minutes'
     where t.token_hash = _found.token_hash;
    update identity.session as s set used_at = clock_timestamp() where s.token_hash = _found.token_hash;

    -- 4 may he
    if _for_site and not _found.is_administrator then
        return query select null::bytea, null::uuid, null::bigint, null::bigint, null::text, false, 'not_administrator';
        return;
    end if;
    -- Whoever took over a stopped account would go on through colleagues and software of his own making.
    if _for_site and (
        select guard.stops(a.account_id, a.professional_id, a.site_id, t.installation_id)
          from identity.account as a, identity.token as t
         where a.account_id = _found.account_id and t.token_hash = _found.token_hash
    ) is not false then
        return query select null::bytea, null::uuid, null::bigint, null::bigint, null::text, false, 'account_stopped';
        return;
    end if;
    if _just_signed_in and _found.touched_at <= clock_timestamp() - interval '10 minutes' then
        return query select null::bytea, null::uuid, null::bigint, null::bigint, null::text, false, 'sign_in_again';
        return;
    end if;
    return query
    select _found.token_hash, _found.session_no, _found.account_id, _found.passkey_id, _found.site, _found.is_administrator, null::text;
end;
$$;

comment on function identity.proved_session(text, bytea, text, boolean, boolean) is
'The session of a dangerous step, its proof used up and its accounts locked.';
