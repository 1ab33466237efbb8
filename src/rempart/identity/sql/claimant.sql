-- What: finds the installation and the site behind a live token that may ask: whose site it is, is never a parameter.
-- Charges or records: nothing.
-- Called by: billing.enter.
-- Locks: none; a revocation that commits first is seen. Gates, holds and budgets stop questions, and no claim.
-- Round trips: none of its own. No row: the token opens nothing.
create or replace function identity.claimant(_token text, _jkt bytea)
returns table (installation_id bigint, site_id bigint)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select i.installation_id, i.site_id
      from identity.installation as i
     where i.installation_id = (identity.alive(array[_token], array[_jkt]))[1]
       and i.site_id is not null;
end
$$;

comment on function identity.claimant(text, bytea) is 'The installation and the site behind a live token; no row when it opens nothing.';
