-- What: lets an installation speak for one more account of its own site: a colleague who joins.
-- Charges or records: the link; linking again changes nothing.
-- Called by: the desk (role rempart_desk).
-- Locks: the account's row, so that one who leaves meanwhile is not linked.
-- Round trips: one. Refusals: installation_unknown, account_unknown (also when it is closed or at another site).
create or replace function identity.link_account(_client_id text, _rpps text)
returns table (account_id bigint, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _installation record;
    _account_id bigint;
begin
    select i.installation_id, i.site_id into _installation
      from identity.installation as i
     where i.client_id = _client_id and i.revoked_at is null
       and not exists (select from identity.browser as b where b.installation_id = i.installation_id);
    if not found then
        return query select null::bigint, 'installation_unknown';
        return;
    end if;
    select a.account_id into _account_id
      from identity.account as a
      join identity.professional as p on p.professional_id = a.professional_id
     where p.rpps = _rpps and a.site_id = _installation.site_id and a.left_at is null
       for no key update of a;
    if not found then
        return query select null::bigint, 'account_unknown';
        return;
    end if;
    insert into identity.installation_account (installation_id, account_id)
    values (_installation.installation_id, _account_id)
    on conflict do nothing;
    return query select _account_id, null::text;
end;
$$;

comment on function identity.link_account(text, text) is 'Lets an installation speak for one more account of its site.';
