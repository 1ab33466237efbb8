-- What: the account that an installation speaks for when it names a professional and a site, and whether a domain is his to ask.
-- Charges or records: nothing.
-- Called by: rights.ask_batch and rights.note_broken, once a batch, with what identity.alive found.
-- Locks: none; a link or an account that is closed first is seen.
-- Round trips: none of its own. One row each, in order; account_id null when that professional is not linked there.
create or replace function identity.who(_installations bigint[], _rpps text[], _sites text[], _domains text[])
returns table (
    place bigint, account_id bigint, professional_id bigint, site_id bigint, may_ask boolean
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    -- The limit keeps a plan that looks each of them up by its own keys, however small the tables once were.
    return query
    select q.place, l.account_id, l.professional_id, l.site_id, l.may_ask
      from unnest(_installations, _rpps, _sites, _domains) with ordinality
           as q (installation_id, rpps, site, domain, place)
      left join lateral (
          select a.account_id, a.professional_id, a.site_id,
                 exists (
                     select from identity.profession_domain as d
                      where d.profession = p.profession and d.domain = q.domain
                 ) as may_ask
            from identity.installation as i
            join identity.site as s on s.site_id = i.site_id and s.identifier = q.site
            join identity.professional as p on p.rpps = q.rpps
            join identity.account as a
              on a.professional_id = p.professional_id and a.site_id = s.site_id and a.left_at is null
            join identity.installation_account as ia
              on ia.installation_id = i.installation_id and ia.account_id = a.account_id
           where i.installation_id = q.installation_id
           limit 1
      ) as l on true
     order by q.place;
end
$$;

comment on function identity.who(bigint[], text[], text[], text[]) is
'The accounts behind installations that name a professional at a site, and whether they may ask about a domain; nulls when not linked.';
