-- What: opens the account of a professional at a site, or opens it again: the same account, with the same past and budgets.
-- Charges or records: the account; links nothing to it.
-- Called by: the desk (role rempart_desk), then guard.set_caps for account, professional and site in the same transaction.
-- Locks: the unique key of account, then its row.
-- Round trips: one. Refusals: professional_unknown, site_unknown.
create or replace function identity.open_account(_rpps text, _site text)
returns table (
    account_id bigint, professional_id bigint, site_id bigint, profession text, refused_because text
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _professional record;
    _site_id bigint;
begin
    select p.professional_id, p.profession into _professional from identity.professional as p where p.rpps = _rpps;
    if not found then
        return query select null::bigint, null::bigint, null::bigint, null::text, 'professional_unknown';
        return;
    end if;
    select s.site_id into _site_id from identity.site as s where s.identifier = _site;
    if not found then
        return query select null::bigint, null::bigint, null::bigint, null::text, 'site_unknown';
        return;
    end if;
    insert into identity.account as a (professional_id, site_id)
    values (_professional.professional_id, _site_id)
    on conflict on constraint account_professional_id_site_id_key do update set left_at = null where a.left_at is not null;
    return query
    select a.account_id, a.professional_id, a.site_id, _professional.profession, null::text
      from identity.account as a
     where a.professional_id = _professional.professional_id and a.site_id = _site_id;
end;
$$;

comment on function identity.open_account(text, text) is 'Opens, or opens again, the account of a professional at a site.';
