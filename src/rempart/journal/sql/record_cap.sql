-- What: records caps that a key was given at a console.
-- Charges or records: one entry of kind cap; its charges hold the bounds, with 0 units charged.
-- Called by: guard.set_caps.
-- Locks: journal.head of the key.
-- Round trips: none of its own.
create or replace function journal.record_cap(_kind smallint, _id bigint, _guard_at bigint, _caps bytea) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _nothing bytea := decode(repeat('00', 16), 'hex');
    _p journal.payload;
begin
    _p.attempt := uuid_send(gen_random_uuid());
    _p.installation_id := 0; _p.account_id := 0;
    _p.professional := ''; _p.site := ''; _p.domain := ''; _p.care_on := current_date;
    _p.evidence := ''; _p.outcome := ''; _p.refused_because := ''; _p.insurer := '';
    _p.digest := ''; _p.member_reference := ''; _p.asked := ''; _p.fresh := false;
    _p.network := ''; _p.proof := '';
    perform journal.record('cap', _kind, _id, _guard_at, _nothing, _nothing, 'console', _caps, 0::bigint, 1, _p);
end
$$;

comment on function journal.record_cap(smallint, bigint, bigint, bytea) is 'Records the caps of a key.';
