-- What: enrols the key of a software, at a site or at an insurer as its one-time code says.
-- Charges or records: the installation, its accounts, and uses the code and the proof up.
-- Called by: the sign-in process (role rempart_signin), then for a site guard.set_caps_installation in the same transaction.
-- Locks: the code's row, then the unique keys of proof_jti and installation.
-- Round trips: one. Refusals: proof_repeated, code_not_valid (unknown, used, expired, its administrator stopped: not told apart), key_already_enrolled.
create or replace function identity.enrol_installation(
    _code_hash bytea, _jkt bytea, _public_jwk text, _proof_jti text
)
returns table (client_id text, installation_id bigint, site text, insurer text, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _code record;
    _now timestamptz;
    _client_id text;
    _installation_id bigint;
begin
    -- 1 the code
    select c.site_id, c.insurer_id, c.scope, c.account_ids, c.vendor, c.expires_at, c.used_at, c.obtained_by, s.identifier as site
      into _code
      from identity.enrolment_code as c
      left join identity.site as s on s.site_id = c.site_id
     where c.code_hash = _code_hash
       for no key update of c;
    _now := clock_timestamp();
    if not found or _code.used_at is not null or _code.expires_at <= _now or _jkt is null or _public_jwk is null then
        return query select null::text, null::bigint, null::text, null::text, 'code_not_valid';
        return;
    end if;

    -- 2 the proof, once
    if identity.proof_first_seen(_jkt, _proof_jti) is not true then
        return query select null::text, null::bigint, null::text, null::text, 'proof_repeated';
        return;
    end if;

    -- 3 somebody to speak for: a code whose accounts have all been closed since opens nothing
    if _code.insurer_id is null and not exists (
        select 1 from identity.account as a
         where a.account_id = any (_code.account_ids) and a.site_id = _code.site_id and a.left_at is null
    ) then
        return query select null::text, null::bigint, null::text, null::text, 'code_not_valid';
        return;
    end if;

    -- 4 nor does one of an administrator who has left since or is stopped
    if identity.is_out(_code.obtained_by) then
        return query select null::text, null::bigint, null::text, null::text, 'code_not_valid';
        return;
    end if;

    -- 5 the installation; a key that was ever enrolled, revoked since or not, is never enrolled again
    _client_id := 'inst_' || replace(gen_random_uuid()::text, '-', '');
    insert into identity.installation (client_id, site_id, insurer_id, scope, vendor, jkt, public_jwk, enrolled_at)
    values (_client_id, _code.site_id, _code.insurer_id, _code.scope, _code.vendor, _jkt, _public_jwk, _now)
    on conflict (jkt) do nothing
    returning installation.installation_id into _installation_id;
    if _installation_id is null then
        return query select null::text, null::bigint, null::text, null::text, 'key_already_enrolled';
        return;
    end if;
    insert into identity.installation_account (installation_id, account_id)
    select _installation_id, a.account_id
      from identity.account as a
     where a.account_id = any (_code.account_ids) and a.site_id = _code.site_id and a.left_at is null;
    update identity.enrolment_code as c set used_at = _now where c.code_hash = _code_hash;
    return query select _client_id, _installation_id, _code.site, registry.amc_of(_code.insurer_id), null::text;
end;
$$;

comment on function identity.enrol_installation(bytea, bytea, text, text) is
'Enrols a software''s key against a one-time code; the installation''s caps are set by guard.set_caps_installation.';
