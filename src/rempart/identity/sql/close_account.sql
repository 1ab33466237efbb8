-- What: closes the account of a professional who leaves a site: software there, passkeys and sessions end at once.
-- Charges or records: when he left; opening again does not bring the links back.
-- Called by: the desk (role rempart_desk).
-- Locks: the account's row, then those of identity.end_account.
-- Round trips: one. Refusals: account_unknown. Closing a closed account changes nothing.
create or replace function identity.close_account(_rpps text, _site text)
returns table (account_id bigint, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _account_id bigint;
begin
    select a.account_id into _account_id
      from identity.account as a
      join identity.professional as p on p.professional_id = a.professional_id
      join identity.site as s on s.site_id = a.site_id
     where p.rpps = _rpps and s.identifier = _site
       for no key update of a;
    if not found then
        return query select null::bigint, 'account_unknown';
        return;
    end if;
    perform identity.end_account(_account_id);
    return query select _account_id, null::text;
end;
$$;

comment on function identity.close_account(text, text) is 'Closes an account and unlinks it from every software.';
