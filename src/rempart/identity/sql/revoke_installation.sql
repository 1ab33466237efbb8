-- What: revokes an installation for ever: its tokens open nothing from the commit on, its key is never enrolled again.
-- Charges or records: when; revoking again keeps the first time.
-- Called by: the desk (role rempart_desk).
-- Locks: the installation's row, so that no token is being minted meanwhile, then its tokens.
-- Round trips: one. Refusals: installation_unknown.
create or replace function identity.revoke_installation(_client_id text)
returns table (installation_id bigint, revoked_at timestamptz, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _installation record;
    _revoked_at timestamptz;
begin
    select i.installation_id, i.revoked_at into _installation
      from identity.installation as i
     where i.client_id = _client_id
       for no key update;
    if not found then
        return query select null::bigint, null::timestamptz, 'installation_unknown';
        return;
    end if;
    _revoked_at := coalesce(_installation.revoked_at, clock_timestamp());
    update identity.installation as i set revoked_at = _revoked_at
     where i.installation_id = _installation.installation_id and i.revoked_at is null;
    update identity.token as t set revoked_at = _revoked_at
     where t.installation_id = _installation.installation_id and t.revoked_at is null;
    return query select _installation.installation_id, _revoked_at, null::text;
end;
$$;

comment on function identity.revoke_installation(text) is 'Revokes an installation and its tokens, for ever.';
