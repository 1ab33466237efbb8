-- What: whether somebody has left, or is stopped: what he obtained for others opens nothing then.
-- Charges or records: nothing.
-- Called by: identity.read_invitation, identity.enrol_installation, with who obtained an invitation or a code; null is the desk.
-- Locks: none: a gate that closes meanwhile stops the next one.
-- Round trips: none of its own.
create or replace function identity.is_out(_account_id bigint)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
select exists (
    select from identity.account as a
     where a.account_id = _account_id
       and (a.left_at is not null or guard.stops(a.account_id, a.professional_id, a.site_id, null)))
$$;

comment on function identity.is_out(bigint) is
'Whether an account has ended or is stopped.';
