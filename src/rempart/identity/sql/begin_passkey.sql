-- What: keeps the challenge under which an account makes a passkey, and tells what the authenticator must know.
-- Charges or records: the challenge, for five minutes.
-- Called by: identity.begin_enrolment, identity.begin_another_passkey.
-- Locks: challenge.
-- Round trips: none of its own.
create or replace function identity.begin_passkey(_account_id bigint, _challenge bytea)
returns table (
    user_handle bytea, name text, site_label text, credential_ids bytea []
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    insert into identity.challenge (challenge, purpose, account_id, expires_at)
    values (_challenge, 'enrol', _account_id, clock_timestamp() + interval '5 minutes');
    return query
    select c.user_handle, c.name, s.label,
           array(select k.credential_id from identity.passkey as k
                  where k.account_id = _account_id and k.revoked_at is null order by k.passkey_id)
      from identity.colleague as c
      join identity.account as a on a.account_id = c.account_id
      join identity.site as s on s.site_id = a.site_id
     where c.account_id = _account_id;
end;
$$;

comment on function identity.begin_passkey(bigint, bytea) is
'Keeps the challenge of a passkey in the making.';
