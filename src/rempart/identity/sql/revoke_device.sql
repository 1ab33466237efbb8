-- What: revokes a software installation of the administrator's own site, for ever.
-- Charges or records: when; uses the proof up.
-- Called by: the sign-in process (role rempart_signin).
-- Locks: as identity.proved_session for the whole site, then those of identity.revoke_installation.
-- Round trips: one. Refusals: those of identity.proved_session; installation_unknown (none of this site's, or a browser).
create or replace function identity.revoke_device(_token text, _jkt bytea, _proof_jti text, _client_id text)
returns table (refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
begin
    select p.site, p.refused_because into strict _me
      from identity.proved_session(_token, _jkt, _proof_jti, true, true) as p;
    if _me.refused_because is not null then
        return query select _me.refused_because;
    elsif not exists (
        select from identity.installation as i
          join identity.site as s on s.site_id = i.site_id
         where i.client_id = _client_id and s.identifier = _me.site
           and not exists (select from identity.browser as b where b.installation_id = i.installation_id)
    ) then
        return query select 'installation_unknown';
    else
        return query select r.refused_because from identity.revoke_installation(_client_id) as r;
    end if;
end;
$$;

comment on function identity.revoke_device(text, bytea, text, text) is
'Revokes a software of one''s own site.';
