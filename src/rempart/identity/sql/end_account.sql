-- What: ends an account: unlinks it from every software, ends its passkeys, sessions and invitations.
-- Charges or records: when he left.
-- Called by: identity.close_account (the operator), identity.leave_colleague (his site's administrator).
-- Locks: identity.account is held by the caller; then installation_account, passkey, invitation, token.
-- Round trips: none of its own.
create or replace function identity.end_account(_account_id bigint)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    update identity.account as a set left_at = clock_timestamp() where a.account_id = _account_id and a.left_at is null;
    delete from identity.installation_account as l where l.account_id = _account_id;
    perform identity.end_passkeys(_account_id, null);
    update identity.colleague as c set is_administrator = false where c.account_id = _account_id;
end;
$$;

comment on function identity.end_account(bigint) is
'Ends an account, and what it enters with.';
