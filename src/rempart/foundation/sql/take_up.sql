-- What: takes up a server that has started: it answers only once somebody shows, from outside, the last entry that was known here.
-- Charges or records: nothing; from then on the guard sees its clock, and questions are answered.
-- Called by: rempart_jobs (the heart, and whoever starts an embedded database).
-- Locks: the one row of guard.clock.
-- Round trips: one. Refusals: no_mark, another_epoch, entry_missing: the tables may be a restored copy (docs/restore.md).
create or replace function foundation.take_up(_epoch bytea, _entry_no bigint, _leaf bytea) returns text
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _boot timestamptz := pg_postmaster_start_time();
    _refused text;
begin
    perform 1 from guard.clock c where c.boot = _boot;
    if found then
        return null;
    end if;
    -- Fails closed: whatever is missing refuses.
    _refused := case
        when _epoch is null then
            -- A journal without any entry has nothing that could have been lost: nobody has a budget yet.
            case when exists (select from journal.last_entry() as l where l.entry_no is not null) then 'no_mark' end
        when not exists (select from foundation.epoch e where e.epoch = _epoch) then 'another_epoch'
        when not coalesce(_entry_no = 0 or journal.holds(_entry_no, _leaf), false) then 'entry_missing' end;
    if _refused is null then
        update guard.clock c set boot = _boot;
    end if;
    return _refused;
end
$$;

comment on function foundation.take_up(bytea, bigint, bytea) is 'Lets a server that has started answer, if it holds what the mark says.';
