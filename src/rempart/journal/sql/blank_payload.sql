-- What: a payload of nothing, for an entry that no question made.
-- Charges or records: nothing.
-- Called by: journal.record_cap, journal.record_gate.
-- Locks: none.
-- Round trips: none of its own.
create or replace function journal.blank_payload() returns journal.payload
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _p journal.payload;
begin
    _p.attempt := uuid_send(gen_random_uuid());
    _p.installation_id := 0; _p.account_id := 0;
    _p.professional := ''; _p.site := ''; _p.domain := ''; _p.care_on := current_date;
    _p.evidence := ''; _p.outcome := ''; _p.refused_because := ''; _p.insurer := '';
    _p.digest := ''; _p.member_reference := ''; _p.asked := ''; _p.fresh := false;
    _p.network := ''; _p.proof := '';
    return _p;
end
$$;

comment on function journal.blank_payload() is 'A payload of nothing.';
