-- What: gives the browser to whoever has just touched a passkey: his session there goes on under a new token, or one begins.
-- Charges or records: the session; uses challenge and proof up, also when it refuses.
-- Called by: the sign-in process (role rempart_signin), which alone may; then guard.set_caps_installation for a browser that is new.
-- Locks: the account's row, the passkey's, then challenge, proof_jti, installation, token, touch, session.
-- Round trips: one. Refusals: challenge_over, passkey_unknown, passkey_copied, account_idle, software_key_refused, proof_repeated, key_already_enrolled.
create or replace function identity.mint_session(
    _credential_id bytea, _challenge bytea, _sign_count bigint, _is_synced boolean,
    _jkt bytea, _public_jwk text, _proof_jti text, _token_hash bytea, _replaces text, _network text, _device text
)
returns table (
    installation_id bigint, is_new_browser boolean, ends_at timestamptz, refused_because text
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _now timestamptz;
    _account_id bigint;
    _passkey record;
    _installation_id bigint;
    _is_new boolean := false;
    _is_fresh boolean;
    _goes_on record;
begin
    -- 1 the challenge and the proof, once: used up whatever follows
    select k.account_id into _account_id from identity.passkey as k where k.credential_id = _credential_id;
    if found then
        perform 1 from identity.account as a where a.account_id = _account_id for no key update;
    end if;
    _now := clock_timestamp();
    delete from identity.challenge as c
     where c.challenge = _challenge and c.purpose = 'sign_in' and c.expires_at > _now;
    if not found then
        return query select null::bigint, false, null::timestamptz, 'challenge_over';
        return;
    end if;
    _is_fresh := identity.proof_first_seen(_jkt, _proof_jti);
    if _is_fresh is not true or _public_jwk is null or _token_hash is null then
        return query select null::bigint, false, null::timestamptz, 'proof_repeated';
        return;
    end if;

    -- 2 the passkey, of somebody who is still here
    select k.passkey_id, k.sign_count, k.is_software, a.site_id, c.last_seen_at into _passkey
      from identity.passkey as k
      join identity.account as a on a.account_id = k.account_id
      join identity.colleague as c on c.account_id = k.account_id
     where k.credential_id = _credential_id and k.revoked_at is null and a.left_at is null
       for no key update of k;
    if not found then
        return query select null::bigint, false, null::timestamptz, 'passkey_unknown';
        return;
    end if;
    -- Carried to a database without the mark, such a key opens nothing there.
    if _passkey.is_software and foundation.marked_as_demo() is not true then
        return query select null::bigint, false, null::timestamptz, 'software_key_refused';
        return;
    end if;
    if (_passkey.sign_count > 0 or _sign_count > 0) and _sign_count <= _passkey.sign_count then
        return query select null::bigint, false, null::timestamptz, 'passkey_copied';
        return;
    end if;
    if _passkey.last_seen_at < _now - interval '6 months' then
        return query select null::bigint, false, null::timestamptz, 'account_idle';
        return;
    end if;

    -- 3 the browser: its key is one account's, for ever
    select i.installation_id into _installation_id
      from identity.installation as i
      join identity.browser as b on b.installation_id = i.installation_id and b.account_id = _account_id
     where i.jkt = _jkt and i.revoked_at is null;
    if not found then
        insert into identity.installation as i (client_id, site_id, vendor, jkt, public_jwk, enrolled_at)
        values ('inst_' || replace(gen_random_uuid()::text, '-', ''), _passkey.site_id, 'portail', _jkt, _public_jwk, _now)
        on conflict (jkt) do nothing
        returning i.installation_id into _installation_id;
        if _installation_id is null then
            return query select null::bigint, false, null::timestamptz, 'key_already_enrolled';
            return;
        end if;
        insert into identity.browser (installation_id, account_id) values (_installation_id, _account_id);
        _is_new := true;
    end if;
    -- Leaving unlinks; who comes back finds his browser again.
    insert into identity.installation_account as l (installation_id, account_id)
    values (_installation_id, _account_id) on conflict do nothing;

    -- 4 his session here goes on, within its four hours; in the last ten minutes of them a touch begins the next
    select s.token_hash, s.session_no, s.ends_at into _goes_on
      from identity.token as t
      join identity.session as s on s.token_hash = t.token_hash
     where t.installation_id = _installation_id and s.account_id = _account_id
       and t.revoked_at is null and t.expires_at > _now
       and s.began_at <= _now and s.ends_at > _now + interval '10 minutes'
     order by s.began_at desc
     limit 1;

    -- 5 one token a browser, ten sessions an account: the oldest go
    update identity.token as t set revoked_at = _now
     where t.revoked_at is null
       and (t.token_hash = sha256(convert_to(_replaces, 'UTF8'))
            -- His own only: a stolen cookie, shown at a thief's sign-in, ends nothing.
            and exists (select from identity.session as s where s.token_hash = t.token_hash and s.account_id = _account_id)
            or t.installation_id = _installation_id
            or t.token_hash in (
                select s.token_hash from identity.session as s
                  join identity.token as o on o.token_hash = s.token_hash
                 where s.account_id = _account_id and o.installation_id <> _installation_id
                   and o.revoked_at is null and o.expires_at > _now
                 order by s.began_at desc offset 9));

    -- 6 mint
    insert into identity.token (token_hash, installation_id, jkt, minted_at, expires_at, locks_at)
    values (_token_hash, _installation_id, _jkt, _now,
            least(_now + interval '30 minutes', coalesce(_goes_on.ends_at, 'infinity')), _now + interval '5 minutes');
    if _goes_on.session_no is not null then
        -- What was touched for one question was that token's.
        delete from identity.touch as o where o.token_hash = _goes_on.token_hash;
        update identity.session as s
           set token_hash = _token_hash, passkey_id = _passkey.passkey_id, touched_at = _now, used_at = _now,
               network = left(coalesce(_network, ''), 64), device = left(coalesce(_device, ''), 80)
         where s.session_no = _goes_on.session_no;
    else
        insert into identity.session (token_hash, account_id, passkey_id, began_at, touched_at, ends_at, used_at, network, device)
        values (_token_hash, _account_id, _passkey.passkey_id, _now, _now, _now + interval '4 hours', _now,
                left(coalesce(_network, ''), 64), left(coalesce(_device, ''), 80));
    end if;
    update identity.passkey as k set sign_count = _sign_count, is_synced = _is_synced, used_at = _now
     where k.passkey_id = _passkey.passkey_id;
    update identity.colleague as c set last_seen_at = _now where c.account_id = _account_id;
    return query select _installation_id, _is_new, coalesce(_goes_on.ends_at, _now + interval '4 hours'), null::text;
end;
$$;

comment on function identity.mint_session(bytea, bytea, bigint, boolean, bytea, text, text, bytea, text, text, text) is
'Gives a browser to whoever just touched a passkey: a session of at most four hours, gone on with or begun.';
