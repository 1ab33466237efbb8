-- Makes the journal's months: the current one, three ahead, and a default that alarms when it is not empty.
-- Run by the migrator at each upgrade; idempotent. Between upgrades rempart_jobs calls journal.make_months().
set timezone = 'UTC';

do $$
declare
    _table text;
    _month timestamptz;
    _name text;
    _stray timestamptz;
begin
    -- A month that was not made in time has its entries in the default table, which becomes that month's: no row moves.
    -- Strays of two months are more than that can do: somebody must look, and the install says so by failing.
    foreach _table in array array['entry', 'payload'] loop
        _name := _table || '_default';
        continue when to_regclass('journal.' || _name) is null;
        execute format('select min(recorded_at) from journal.%I', _name) into _stray;
        continue when _stray is null;
        _month := date_trunc('month', _stray);
        execute format('alter table journal.%I detach partition journal.%I', _table, _name);
        execute format('alter table journal.%I rename to %I', _name, _table || to_char(_month, '_YYYY_MM'));
        execute format('alter table journal.%I attach partition journal.%I for values from (%L) to (%L)',
                       _table, _table || to_char(_month, '_YYYY_MM'), _month, _month + interval '1 month');
        execute format('comment on table journal.%I is %L', _table || to_char(_month, '_YYYY_MM'), 'One month of journal.' || _table || '.');
    end loop;
    perform journal.make_months();
    foreach _table in array array['entry', 'payload'] loop
        _name := _table || '_default';
        if to_regclass('journal.' || _name) is null then
            execute format('create table journal.%I partition of journal.%I default', _name, _table);
            execute format('alter table journal.%I owner to rempart_owner', _name);
            execute format('comment on table journal.%I is %L', _name, 'Alarms when it is not empty: a month was not made.');
        end if;
    end loop;
end
$$;

-- Entries never change: each month refuses for itself, since TRUNCATE names a partition directly.
do $$
declare
    _table regclass;
begin
    for _table in
        select c.oid::regclass
          from pg_catalog.pg_class c
         where c.oid = 'journal.entry'::regclass
            or c.oid in (select i.inhrelid from pg_catalog.pg_inherits i where i.inhparent = 'journal.entry'::regclass)
    loop
        if not exists (select from pg_catalog.pg_trigger t where t.tgrelid = _table and t.tgname = 'never_truncated') then
            execute format('create trigger never_truncated before truncate on %s for each statement execute function journal.refuse_change()', _table);
        end if;
    end loop;
    if not exists (select from pg_catalog.pg_trigger t where t.tgrelid = 'journal.entry'::regclass and t.tgname = 'never_changed') then
        create trigger never_changed before update or delete on journal.entry
            for each row execute function journal.refuse_change();
    end if;
end
$$;
reset timezone;
