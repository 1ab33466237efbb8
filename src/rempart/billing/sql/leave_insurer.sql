-- What: ends the visit of an insurer: what comes after it in the same transaction sees no insurer's rows.
-- Charges or records: the row of billing.insurer_visit goes.
-- Called by: billing.list_received, billing.read_received, billing.answer_claims.
-- Locks: that row, which no other transaction sees.
-- Round trips: none of its own.
create or replace function billing.leave_insurer() returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    delete from billing.insurer_visit v where v.work_xid = pg_current_xact_id_if_assigned();
end
$$;

comment on function billing.leave_insurer() is 'Ends an insurer''s visit.';
