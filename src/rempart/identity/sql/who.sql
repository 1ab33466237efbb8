-- What: finds the account behind a live token: the account is never a parameter that a caller may choose freely.
-- Charges or records: nothing.
-- Called by: rights.ask, and by rights.collect with no professional and no site.
-- Locks: none; a revocation that commits first is seen.
-- Round trips: none of its own. No row: the token opens nothing. account_id null: alive, but not linked to that professional there.
create or replace function identity.who(_token text, _jkt bytea, _rpps text, _site text)
returns table (installation_id bigint, account_id bigint, professional_id bigint, site_id bigint, profession text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select i.installation_id, l.account_id, l.professional_id, l.site_id, l.profession
      from identity.token as t
      join identity.installation as i on i.installation_id = t.installation_id and i.jkt = t.jkt
      left join lateral (
          select a.account_id, a.professional_id, a.site_id, p.profession
            from identity.professional as p
            join identity.site as s on s.identifier = _site
            join identity.account as a on a.professional_id = p.professional_id and a.site_id = s.site_id
            join identity.installation_account as ia
              on ia.account_id = a.account_id and ia.installation_id = i.installation_id
           where p.rpps = _rpps and a.left_at is null and a.site_id = i.site_id
      ) as l on true
     where t.token_hash = sha256(convert_to(_token, 'UTF8'))
       and t.jkt = _jkt
       and t.revoked_at is null
       and t.minted_at <= clock_timestamp() + interval '1 minute'
       and t.expires_at > clock_timestamp()
       and i.revoked_at is null;
end;
$$;

comment on function identity.who(text, bytea, text, text) is
'The installation and the account behind a live token; no row when the token opens nothing, account_id null when that professional is not linked.';
