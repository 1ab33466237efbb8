-- What: ends the access of a colleague who leaves the administrator's site, at once.
-- Charges or records: when; uses the proof up.
-- Called by: the sign-in process (role rempart_signin).
-- Locks: as identity.proved_session for the whole site, then those of identity.end_account.
-- Round trips: one. Refusals: those of identity.proved_session; account_unknown, last_administrator.
create or replace function identity.leave_colleague(_token text, _jkt bytea, _proof_jti text, _rpps text)
returns table (account_id bigint, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
    _account_id bigint;
begin
    select p.account_id, p.refused_because into strict _me
      from identity.proved_session(_token, _jkt, _proof_jti, true, true) as p;
    if _me.refused_because is not null then
        return query select null::bigint, _me.refused_because;
        return;
    end if;
    _account_id := identity.colleague_of(_me.account_id, _rpps);
    if _account_id is null then
        return query select null::bigint, 'account_unknown';
        return;
    end if;
    if _account_id = _me.account_id and not exists (
        select from identity.colleague as c
          join identity.account as a on a.account_id = c.account_id
          join identity.account as me on me.account_id = _me.account_id and me.site_id = a.site_id
         where c.is_administrator and a.left_at is null and c.account_id <> _me.account_id
    ) then
        return query select null::bigint, 'last_administrator';
        return;
    end if;
    perform identity.end_account(_account_id);
    return query select _account_id, null::text;
end;
$$;

comment on function identity.leave_colleague(text, bytea, text, text) is
'Ends the access of a colleague of one''s own site.';
