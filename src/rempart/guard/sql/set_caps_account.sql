-- What: gives the account of an invited colleague, his professional and his site the caps of his profession.
-- Charges or records: as guard.set_caps; keys that have caps keep them, so that inviting the same person again widens nothing.
-- Called by: rempart_signin, in the transaction that invites.
-- Locks: as guard.set_caps, account before professional before site.
-- Round trips: one.
create or replace function guard.set_caps_account(_account bigint) returns boolean
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _keys record;
begin
    select k.professional_id, k.site_id, k.profession into strict _keys from identity.keys_of(_account) as k;
    perform guard.set_caps(2::smallint, _account, _keys.profession);
    perform guard.set_caps(3::smallint, _keys.professional_id, _keys.profession);
    perform guard.set_caps(4::smallint, _keys.site_id, _keys.profession);
    return true;
end
$$;

comment on function guard.set_caps_account(bigint) is 'Gives an invited colleague the caps of his profession.';
