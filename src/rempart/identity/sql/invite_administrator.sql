-- What: invites a site's administrator, the first or another one: the operator's part.
-- Charges or records: the colleague and the invitation.
-- Called by: the desk (role rempart_desk).
-- Locks: the account's row, then invitation.
-- Round trips: one. Refusals: account_unknown, name_not_valid, code_not_valid, has_a_passkey.
create or replace function identity.invite_administrator(
    _rpps text, _site text, _name text, _code_hash bytea, _spoken_hash bytea, _lives interval
)
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
    _refused text;
begin
    select a.account_id into _account_id
      from identity.account as a
      join identity.professional as p on p.professional_id = a.professional_id
      join identity.site as s on s.site_id = a.site_id
     where p.rpps = _rpps and s.identifier = _site and a.left_at is null
       for no key update of a;
    if not found then
        return query select null::bigint, 'account_unknown';
        return;
    end if;
    _refused := identity.invite(_account_id, _name, true, _code_hash, _spoken_hash, _lives);
    return query select case when _refused is null then _account_id end, _refused;
end;
$$;

comment on function identity.invite_administrator(text, text, text, bytea, bytea, interval) is
'Invites the administrator of a site.';
