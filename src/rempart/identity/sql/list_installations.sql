-- What: every installation of a software there is or was: where it works, for whom, since when, and when it last got a token.
-- Charges or records: nothing.
-- Called by: the desk (role rempart_desk): rempart client list.
-- Locks: none.
-- Round trips: one.
create or replace function identity.list_installations()
returns table (
    client_id text, site text, label text, insurer text, scope text, vendor text, accounts bigint,
    since timestamptz, last_used timestamptz, revoked_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select i.client_id, s.identifier, s.label, registry.amc_of(i.insurer_id), i.scope, i.vendor,
           (select count(*)
              from identity.installation_account as l
              join identity.account as a on a.account_id = l.account_id and a.left_at is null
             where l.installation_id = i.installation_id),
           i.enrolled_at,
           i.last_token_at, i.revoked_at
      from identity.installation as i
      left join identity.site as s on s.site_id = i.site_id
     where not exists (select from identity.browser as b where b.installation_id = i.installation_id)
     order by s.identifier, i.enrolled_at, i.client_id
$$;

comment on function identity.list_installations() is 'The installations, those revoked too.';
