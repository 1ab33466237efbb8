-- What: deletes what past transactions left of themselves.
-- Charges or records: nothing; answers how many rows went.
-- Called by: rempart_intake, through intake/work.py.
-- Locks: the rows that it deletes, which nobody else locks any more.
-- Round trips: one.
create or replace function intake.sweep()
returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _rows bigint;
begin
    delete from intake.visit v where v.entered_at < clock_timestamp() - interval '1 hour';
    get diagnostics _rows = row_count;
    return _rows;
end
$$;

comment on function intake.sweep() is 'Deletes visits of transactions that ended long ago.';
