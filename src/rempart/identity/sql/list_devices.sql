-- What: lists the software installations of a site to its administrator, and the codes for new ones that nobody used yet.
-- Charges or records: nothing.
-- Called by: the edge (role rempart_edge).
-- Locks: none.
-- Round trips: one. No row: the cookie opens nothing, or its owner is no administrator. State: live, revoked (of the last 30 days), awaited.
create or replace function identity.list_devices(_token text)
returns table (
    client_id text, vendor text, state text, accounts bigint, since timestamptz, last_used timestamptz, until timestamptz
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
    select i.client_id, i.vendor, case when i.revoked_at is null then 'live' else 'revoked' end,
           (select count(*) from identity.installation_account as l where l.installation_id = i.installation_id),
           i.enrolled_at, i.last_token_at, i.revoked_at
      from identity.find_session(_token, null) as me
      join identity.account as mine on mine.account_id = me.account_id
      join identity.installation as i on i.site_id = mine.site_id
     where me.is_administrator
       and (i.revoked_at is null or i.revoked_at > clock_timestamp() - interval '30 days')
       and not exists (select from identity.browser as b where b.installation_id = i.installation_id)
    union all
    select null, c.vendor, 'awaited', cardinality(c.account_ids)::bigint, c.issued_at, null, c.expires_at
      from identity.find_session(_token, null) as me
      join identity.account as mine on mine.account_id = me.account_id
      join identity.enrolment_code as c on c.site_id = mine.site_id
     where me.is_administrator and c.used_at is null and c.expires_at > clock_timestamp()
     order by 3 desc, 5 desc;
end;
$$;

comment on function identity.list_devices(text) is
'Lists the software of the administrator''s own site.';
