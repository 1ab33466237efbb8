-- What: the id of an account (RPPS@SITE), a professional, a site or an installation, by the name that people use.
-- Charges or records: nothing.
-- Called by: guard.gate_key, billing.read_unbilled, billing.set_bank, billing.cancel_bank, billing.list_bank.
-- Locks: none.
-- Round trips: none of its own. NULL: not on record.
create or replace function identity.id_of(_scope text, _value text) returns bigint
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select case _scope
        when 'account' then (
            select a.account_id
              from identity.account a
              join identity.professional p on p.professional_id = a.professional_id
              join identity.site s on s.site_id = a.site_id
             where p.rpps = split_part(_value, '@', 1) and s.identifier = split_part(_value, '@', 2)
               and _value = p.rpps || '@' || s.identifier)
        when 'professional' then (
            select p.professional_id from identity.professional p where p.rpps = _value)
        when 'site' then (
            select s.site_id from identity.site s where s.identifier = _value)
        when 'client' then (
            select i.installation_id from identity.installation i where i.client_id = _value)
    end
$$;

comment on function identity.id_of(text, text) is 'Resolves what an officer names; NULL when it is not on record.';
