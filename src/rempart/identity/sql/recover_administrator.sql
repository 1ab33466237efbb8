-- What: lets the operator approve the recovery of somebody whose site has no other administrator.
-- Charges or records: as identity.recover.
-- Called by: the desk (role rempart_desk), which prints the letter in the same transaction.
-- Locks: the account's row, then invitation.
-- Round trips: one. Refusals: account_unknown, ask_the_administrator (there is one who can approve it), and those of identity.recover.
create or replace function identity.recover_administrator(_rpps text, _site text, _code_hash bytea, _paper_hash bytea, _lives interval)
returns table (
    account_id bigint, letter_no uuid, name text, site text, site_label text, refused_because text
)
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
      join identity.colleague as c on c.account_id = a.account_id
      join identity.professional as p on p.professional_id = a.professional_id
      join identity.site as s on s.site_id = a.site_id
     where p.rpps = _rpps and s.identifier = _site and a.left_at is null
       for no key update of a;
    if not found then
        return query select null::bigint, null::uuid, null::text, null::text, null::text, 'account_unknown';
        return;
    end if;
    if exists (
        select from identity.colleague as c
          join identity.account as a on a.account_id = c.account_id
          join identity.account as his on his.account_id = _account_id and his.site_id = a.site_id
         where c.is_administrator and a.left_at is null and c.account_id <> _account_id
           and c.last_seen_at > clock_timestamp() - interval '6 months'
           and exists (select from identity.passkey as k where k.account_id = c.account_id and k.revoked_at is null)
    ) then
        return query select null::bigint, null::uuid, null::text, null::text, null::text, 'ask_the_administrator';
        return;
    end if;
    return query
    select r.account_id, r.letter_no, r.name, r.site, r.site_label, r.refused_because
      from identity.recover(_account_id, _code_hash, _paper_hash, _lives) as r;
end;
$$;

comment on function identity.recover_administrator(text, text, bytea, bytea, interval) is
'Approves the recovery of a site''s only administrator.';
