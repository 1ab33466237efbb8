-- What: mints an access token for an installation whose assertion and proof the sign-in process has just checked.
-- Charges or records: the token's hash, and uses up the assertion and the proof in the same transaction, also when it refuses.
-- Called by: the sign-in process (role rempart_signin), which alone may.
-- Locks: the installation's row, then the unique keys of assertion_jti, proof_jti and token, in that order.
-- Round trips: one. Refusals: client_unknown, lifetime_not_allowed, assertion_repeated, proof_repeated, too_many_tokens.
create or replace function identity.mint_token(
    _client_id text, _assertion_jti text, _proof_jti text, _jkt bytea, _token_hash bytea, _lives interval
)
returns table (minted boolean, refused_because text, expires_at timestamptz, scope text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _installation_id bigint;
    _scope text;
    _now timestamptz;
    _assertion_is_new boolean;
    _proof_is_new boolean;
begin
    -- 1 who: alive, and the very key that the proof was signed with
    select i.installation_id, i.scope into _installation_id, _scope
      from identity.installation as i
     where i.client_id = _client_id and i.jkt = _jkt and i.revoked_at is null
       and not exists (select from identity.browser as b where b.installation_id = i.installation_id)
       for no key update of i;
    if not found or _token_hash is null or octet_length(_token_hash) <> 32 then
        return query select false, 'client_unknown', null::timestamptz, null::text;
        return;
    end if;
    if _lives is null or _lives <= interval '0' or _lives > interval '5 minutes' then
        return query select false, 'lifetime_not_allowed', null::timestamptz, null::text;
        return;
    end if;

    -- 2 once: both are used up whatever follows
    _now := clock_timestamp();
    _assertion_is_new := false;
    if char_length(_assertion_jti) between 1 and 64 then
        insert into identity.assertion_jti (installation_id, jti, seen_at)
        values (_installation_id, _assertion_jti, _now)
        on conflict do nothing;
        _assertion_is_new := found;
    end if;
    _proof_is_new := identity.proof_first_seen(_jkt, _proof_jti);
    if _assertion_is_new is not true then
        return query select false, 'assertion_repeated', null::timestamptz, null::text;
        return;
    end if;
    if _proof_is_new is not true then
        return query select false, 'proof_repeated', null::timestamptz, null::text;
        return;
    end if;

    -- 3 not without end: a software keeps its token; one that mints for every question fills the table
    if (
        select count(*) from identity.token as t
         where t.installation_id = _installation_id and t.expires_at > _now
    ) >= 100 then
        return query select false, 'too_many_tokens', null::timestamptz, null::text;
        return;
    end if;

    -- 4 mint; what it opens is the installation's to say, and never the caller's
    insert into identity.token (token_hash, installation_id, jkt, scope, minted_at, expires_at)
    values (_token_hash, _installation_id, _jkt, _scope, _now, _now + _lives);
    update identity.installation as i set last_token_at = _now where i.installation_id = _installation_id;
    return query select true, null::text, _now + _lives, _scope;
end;
$$;

comment on function identity.mint_token(text, text, text, bytea, bytea, interval) is
'Mints a token of at most five minutes for a live installation, using up its assertion and its proof.';
