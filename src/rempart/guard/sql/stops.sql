-- What: whether somebody is stopped himself: a gate on his account, professional, site or browser, or a hold.
-- Charges or records: nothing.
-- Called by: identity.proved_session, for steps that decide about others.
-- Locks: none: a gate that closes meanwhile stops the next step.
-- Round trips: none of its own. What is closed for everybody (platform, channel, grade, insurer) stops nobody here.
create or replace function guard.stops(_account bigint, _professional bigint, _site bigint, _installation bigint)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
select exists (
           select
             from guard.gate g
            where g.until > clock_timestamp()
              and (g.scope, g.key) in (
                  ('account', _account), ('professional', _professional), ('site', _site), ('client', _installation)))
    or exists (select from guard.hold h where h.account_id = _account)
$$;

comment on function guard.stops(bigint, bigint, bigint, bigint) is 'Whether a gate or a hold is on somebody, or on where he is.';
