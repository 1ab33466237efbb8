-- What: lists the people of a site to its administrator.
-- Charges or records: nothing.
-- Called by: the edge (role rempart_edge).
-- Locks: none.
-- Round trips: one. No row: the cookie opens nothing, or its owner is no administrator. State: active, invited, blocked.
create or replace function identity.list_colleagues(_token text)
returns table (
    rpps text, name text, profession text, is_administrator boolean, is_me boolean, state text, last_seen_at timestamptz
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select p.rpps, c.name, p.profession, c.is_administrator, a.account_id = me.account_id,
           case
               when not exists (select from identity.passkey as k where k.account_id = a.account_id and k.revoked_at is null)
                   then 'invited'
               when c.last_seen_at < clock_timestamp() - interval '6 months' then 'blocked'
               else 'active'
           end,
           c.last_seen_at
      from identity.find_session(_token, null) as me
      join identity.account as mine on mine.account_id = me.account_id
      join identity.account as a on a.site_id = mine.site_id
      join identity.colleague as c on c.account_id = a.account_id
      join identity.professional as p on p.professional_id = a.professional_id
     where me.is_administrator and a.left_at is null
     order by c.name, p.rpps;
end;
$$;

comment on function identity.list_colleagues(text) is
'Lists the people of the administrator''s own site.';
