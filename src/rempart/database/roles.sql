-- Every role of the platform. Run at each upgrade by the migrator; cluster-wide; idempotent.
-- Login roles execute a few functions and touch no table.
-- Definer roles own functions, cannot log in, own no table, and hold the least their feature needs.

do $$
declare
    _role text;
begin
    foreach _role in array array[
        'rempart_owner',
        'rempart_def_foundation', 'rempart_def_identity', 'rempart_def_guard',
        'rempart_def_registry', 'rempart_def_intake', 'rempart_def_billing',
        'rempart_def_journal', 'rempart_def_rights', 'rempart_def_janitor', 'rempart_def_purge',
        'rempart_def_insurer'
    ] loop
        if not exists (select from pg_catalog.pg_roles r where r.rolname = _role) then
            execute pg_catalog.format('create role %I nologin', _role);
        end if;
        execute pg_catalog.format(
            'alter role %I nologin noinherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls',
            _role);
    end loop;
    foreach _role in array array[
        'rempart_edge', 'rempart_signin', 'rempart_intake', 'rempart_desk',
        'rempart_journal', 'rempart_jobs', 'rempart_janitor'
    ] loop
        if not exists (select from pg_catalog.pg_roles r where r.rolname = _role) then
            execute pg_catalog.format('create role %I login', _role);
        end if;
        execute pg_catalog.format(
            'alter role %I login noinherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls',
            _role);
        execute pg_catalog.format('alter role %I set synchronous_commit = on', _role);
        execute pg_catalog.format('alter role %I set idle_in_transaction_session_timeout = %L', _role, '10s');
        execute pg_catalog.format('alter role %I set lock_timeout = %L', _role, '5s');
    end loop;
end
$$;

-- Questions meet the same few statements for ever: planning each anew took half of their time.
alter role rempart_edge set plan_cache_mode = force_generic_plan;
-- A kept plan was made when tables were small: every statement of a question has an index, and keeps to it.
alter role rempart_edge set enable_seqscan = off;
-- Likewise joins: a few rows at a time, each found by its key; nothing is read whole, sorted or kept for others.
alter role rempart_edge set enable_hashjoin = off;
alter role rempart_edge set enable_mergejoin = off;
alter role rempart_edge set enable_material = off;
alter role rempart_edge set enable_memoize = off;

-- Parameters hold tokens: no error may repeat them. Nor may they stand in the stack that rights.ask_batch reads.
alter role rempart_edge set log_parameter_max_length_on_error = 0;

-- What the janitor's function needs: to see whose transactions sleep, and to end them.
alter role rempart_def_janitor inherit;
grant pg_signal_backend, pg_read_all_stats to rempart_def_janitor;

-- The owner makes the schemas; nobody else makes anything.
do $$
begin
    execute pg_catalog.format('grant create on database %I to rempart_owner', pg_catalog.current_database());
end
$$;

-- What is everybody's in a database that is not ours (statistics, locks, the place in the log: of the whole server) is seen from there.
-- Our roles have no business in PostgreSQL's own two; who watches the server has.
do $$
declare
    _name name;
begin
    for _name in
        select d.datname from pg_catalog.pg_database d
         where d.datname in ('postgres', 'template1') and pg_catalog.has_database_privilege('rempart_edge', d.oid, 'connect')
    loop
        execute pg_catalog.format('revoke connect, temporary on database %I from public', _name);
        execute pg_catalog.format('grant connect on database %I to pg_monitor', _name);
    end loop;
end
$$;

-- rights.ask_batch reads the stack as PostgreSQL words it: in English, whatever the server speaks.
alter role rempart_edge set lc_messages = 'C';
