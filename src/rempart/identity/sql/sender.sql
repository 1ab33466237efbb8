-- What: finds the insurer behind a live token of an insurer's software, of this scope (feeds or claims): the insurer is never a parameter.
-- Charges or records: nothing.
-- Called by: intake.enter, billing.enter_insurer.
-- Locks: none; a revocation that commits first is seen.
-- Round trips: none of its own. No row: the token opens nothing here.
create or replace function identity.sender(_token text, _jkt bytea, _scope text)
returns table (installation_id bigint, insurer_id bigint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select i.installation_id, i.insurer_id
      from identity.token as t
      join identity.installation as i on i.installation_id = t.installation_id and i.jkt = t.jkt
     where t.token_hash = sha256(convert_to(_token, 'UTF8'))
       and t.jkt = _jkt
       and t.scope = _scope
       and t.revoked_at is null
       and t.minted_at <= clock_timestamp() + interval '1 minute'
       and t.expires_at > clock_timestamp()
       and i.scope = _scope
       and i.insurer_id is not null
       and i.revoked_at is null;
end;
$$;

comment on function identity.sender(text, bytea, text) is 'The installation and the insurer behind a live token of this scope; no row when the token opens nothing here.';
