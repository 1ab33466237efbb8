-- What: what a site's administrator should know: what of the site is closed, held or at a tenth, which invitations are open, whether its bank detail changes.
-- Charges or records: nothing.
-- Called by: the edge (role rempart_edge).
-- Locks: none.
-- Round trips: one. No row for who is no administrator. Never why: an officer's reason could tell a thief what was seen. About no insured person.
create or replace function guard.list_alerts(_token text)
returns table (kind text, about text, since timestamptz, until timestamptz)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _site bigint;
begin
    select o.site_id into _site
      from identity.find_session(_token, null) as s
      cross join lateral identity.keys_of(s.account_id) as o
     where s.is_administrator;
    if not found then
        return;
    end if;
    return query
    select 'site_closed', '', g.closed_at, nullif(g.until, 'infinity')
      from guard.gate g
     where g.scope = 'site' and g.key = _site and g.until > clock_timestamp()
    union all
    select 'account_closed', a.name, g.closed_at, nullif(g.until, 'infinity')
      from identity.accounts_at(_site) as a
      join guard.gate g on (g.scope = 'account' and g.key = a.account_id) or (g.scope = 'professional' and g.key = a.professional_id)
     where g.until > clock_timestamp()
    union all
    select 'software_closed', i.vendor, g.closed_at, nullif(g.until, 'infinity')
      from identity.installations_at(_site) as i
      join guard.gate g on g.scope = 'client' and g.key = i.installation_id
     where g.until > clock_timestamp()
    union all
    select 'held', a.name, h.placed_at, null
      from identity.accounts_at(_site) as a
      join guard.hold h on h.account_id = a.account_id
    union all
    select case when t.account_id is null then 'eased' else 'recovered' end, a.name, e.eased_at,
           -- Guard time that is left; the wall clock is at least as fast.
           case when t.account_id is not null then clock_timestamp() + greatest(t.until - guard.now(), 0) * interval '1 microsecond' end
      from identity.accounts_at(_site) as a
      join guard.eased e on e.account_id = a.account_id
      left join guard.tenth t on t.account_id = a.account_id
     where not exists (select from guard.hold h where h.account_id = a.account_id)
    union all
    select case v.purpose when 'recovery' then 'recovering' else 'invited' end, v.name, v.issued_at, v.expires_at
      from identity.open_invitations(_site) as v
    union all
    select 'bank_changes', '…' || b.last_four, b.stated_at, b.effective_at
      from billing.bank_change(_site) as b
    union all
    select 'bank_refused', '…' || r.last_four, r.returned_at, null
      from billing.bank_refused(_site) as r
     order by 3 desc, 1, 2;
end
$$;

comment on function guard.list_alerts(text) is 'What concerns the administrator''s own site.';
