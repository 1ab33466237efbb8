-- What: gives a newly enrolled installation its cap on all questions.
-- Charges or records: as guard.set_caps.
-- Called by: rempart_signin, in the transaction that enrols.
-- Locks: as guard.set_caps.
-- Round trips: one.
create or replace function guard.set_caps_installation(_installation bigint) returns boolean
language sql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select guard.set_caps(1::smallint, _installation, 'logiciel')
$$;

comment on function guard.set_caps_installation(bigint) is 'Gives an installation its cap.';
