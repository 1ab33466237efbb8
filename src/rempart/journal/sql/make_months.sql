-- What: makes the journal's months that are not there: the current one and three ahead. How many tables it made.
-- Charges or records: nothing.
-- Called by: rempart_jobs (all day), the installer (months.sql).
-- Locks: when a month is missing, the journal's tables, exclusively; it waits a second for them and then gives up.
-- Round trips: one.
create or replace function journal.make_months() returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _table text;
    _month timestamp;
    _name text;
    _made integer := 0;
begin
    -- Whoever asks meanwhile stands behind us: a second is what that may cost him.
    perform set_config('lock_timeout', '1s', true);
    foreach _table in array array['entry', 'payload'] loop
        for _i in 0..3 loop
            -- Months are UTC's, whatever the caller's day is.
            _month := date_trunc('month', now() at time zone 'UTC') + make_interval(months => _i);
            _name := _table || to_char(_month, '_YYYY_MM');
            continue when to_regclass('journal.' || _name) is not null;
            execute format('create table journal.%I partition of journal.%I for values from (%L) to (%L)', _name, _table,
                           _month at time zone 'UTC', (_month + interval '1 month') at time zone 'UTC');
            execute format('alter table journal.%I owner to rempart_owner', _name);
            execute format('alter table journal.%I enable row level security, force row level security', _name);
            if _table = 'entry' then
                -- TRUNCATE names a month directly: each refuses for itself.
                execute format('create trigger never_truncated before truncate on journal.%I for each statement execute function journal.refuse_change()', _name);
            end if;
            execute format('comment on table journal.%I is %L', _name, 'One month of journal.' || _table || '.');
            _made := _made + 1;
        end loop;
    end loop;
    return _made;
end
$$;

comment on function journal.make_months() is 'Makes the months of the journal that are due, three ahead.';
