-- The whole surface, on one page: who owns which function, who may call it, what each definer role may touch.
-- Run after every replacement of the functions; everything is revoked first.

-- 1. Nobody has anything.
do $$
declare
    _schema text;
    _table record;
begin
    foreach _schema in array array['foundation', 'identity', 'registry', 'guard', 'billing', 'journal', 'rights', 'intake'] loop
        execute format('revoke all on schema %I from public, rempart_edge, rempart_signin, rempart_intake, rempart_desk, rempart_journal, rempart_jobs, rempart_janitor', _schema);
        execute format('revoke all on all tables in schema %I from public, rempart_edge, rempart_signin, rempart_intake, rempart_desk, rempart_journal, rempart_jobs, rempart_janitor', _schema);
        execute format('revoke all on all sequences in schema %I from public, rempart_edge, rempart_signin, rempart_intake, rempart_desk, rempart_journal, rempart_jobs, rempart_janitor', _schema);
        execute format('revoke all on all routines in schema %I from public, rempart_edge, rempart_signin, rempart_intake, rempart_desk, rempart_journal, rempart_jobs, rempart_janitor', _schema);
    end loop;
    revoke all on schema public from public;
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to rempart_edge, rempart_signin, rempart_intake, rempart_desk, rempart_journal, rempart_jobs, rempart_janitor', current_database());
    -- Advisory locks are open to everybody by default: a way to stall whoever else uses them. So are large objects: a
    -- place of one's own to write in, on the disk of whoever's database it is.
    for _table in
        select p.oid::regprocedure as name
          from pg_catalog.pg_proc p
         where p.pronamespace = 'pg_catalog'::regnamespace
           and p.proname ~ '^pg_(try_)?advisory_|^lo_|^loread$|^lowrite$'
    loop
        execute format('revoke execute on function %s from public', _table.name);
    end loop;
    -- Likewise what anybody may see of anybody's work while it runs: the edge would see in it what a question came to,
    -- and cancel it before it is on record. Who watches the server has PostgreSQL's own role for that.
    for _table in
        select p.oid::regprocedure as name
          from pg_catalog.pg_proc p
         where p.pronamespace = 'pg_catalog'::regnamespace
           and (p.proname ~ '^pg_stat_get_|^pg_current_wal_|_size$|^pg_(cancel|terminate)_backend$'
                -- Positions in the log, too: who writes a line there is told its place.
                or p.proname ~ '^pg_control_|^pg_last_|^pg_logical_|wal_summar|^pg_get_multixact|^pg_(get|create|copy|drop)_.*slot'
                or p.proname in ('pg_lock_status', 'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids', 'mxid_age',
                                 'pg_isolation_test_session_is_blocked', 'pg_prepared_xact', 'pg_replication_slot_advance'))
           and p.proname <> 'pg_column_size'
    loop
        execute format('revoke execute on function %s from public', _table.name);
        execute format('grant execute on function %s to pg_monitor', _table.name);
    end loop;
    -- A block of code of one's own is a place to look from in the middle of a transaction.
    revoke usage on language plpgsql from public;
    -- The owner makes the functions of triggers, the queue's among them, when a newer version brings some.
    grant usage on language plpgsql to rempart_owner;
    -- Row-level security on every table, forced: even an owner sees what a policy shows, and no more.
    for _table in
        select c.oid::regclass as name
          from pg_catalog.pg_class c
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('foundation', 'identity', 'registry', 'guard', 'billing', 'journal', 'rights', 'intake')
           and c.relkind in ('r', 'p')
    loop
        execute format('alter table %s enable row level security', _table.name);
        execute format('alter table %s force row level security', _table.name);
    end loop;
    for _table in
        select p.polname, p.polrelid::regclass as name
          from pg_catalog.pg_policy p
          join pg_catalog.pg_class c on c.oid = p.polrelid
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('foundation', 'identity', 'registry', 'guard', 'billing', 'journal', 'rights', 'intake')
    loop
        execute format('drop policy %I on %s', _table.polname, _table.name);
    end loop;
end
$$;

-- 2. Each feature's functions belong to its own role, which cannot log in and owns no table.
do $$
declare
    _function record;
begin
    for _function in
        select p.oid::regprocedure as name, n.nspname as feature
          from pg_catalog.pg_proc p
          join pg_catalog.pg_namespace n on n.oid = p.pronamespace
         where n.nspname in ('foundation', 'identity', 'registry', 'guard', 'billing', 'journal', 'rights', 'intake')
    loop
        execute format('alter routine %s owner to %I', _function.name, 'rempart_def_' || _function.feature);
    end loop;
end
$$;
alter function foundation.end_sleepers() owner to rempart_def_janitor;
alter function foundation.edges_since_before(timestamptz) owner to rempart_def_janitor;
-- Writing the registry is another role's than reading it.
alter function registry.add_insurer(text, text) owner to rempart_def_intake;
alter function registry.add_plan(text, text, text, jsonb) owner to rempart_def_intake;
alter function registry.set_ending_share(text, integer) owner to rempart_def_intake;
alter function registry.set_answer_days(text, integer) owner to rempart_def_intake;
alter function registry.feed_generations() owner to rempart_def_intake;
alter function registry.turn_indexes(bigint, bigint, smallint) owner to rempart_def_intake;
alter function registry.begin_generation(smallint, text) owner to rempart_def_intake;
alter function registry.end_generation(boolean) owner to rempart_def_intake;
alter function registry.open_feed(text, text, timestamptz, bytea, bigint, bytea) owner to rempart_def_intake;
alter function registry.work_on_feed(bigint, bytea) owner to rempart_def_intake;
alter function registry.stage_coverage(bigint, bytea, bigint, bytea[], bytea[], bigint[], date[], date[], smallint[], bytea[], bytea[]) owner to rempart_def_intake;
alter function registry.stage_references(bigint, bytea, bigint, bytea[], bytea[]) owner to rempart_def_intake;
alter function registry.refuse_references(bigint, bigint, boolean, bigint) owner to rempart_def_intake;
alter function registry.rename_references(bigint, bigint, bigint) owner to rempart_def_intake;
alter function registry.refuse_feed(bigint, bigint, bigint, boolean) owner to rempart_def_intake;
alter function registry.foresee_feed(bigint, bigint, boolean) owner to rempart_def_intake;
alter function registry.swap_feed(bigint, bytea, boolean, boolean, boolean, boolean) owner to rempart_def_intake;
alter function registry.leave_feed(bigint, bytea) owner to rempart_def_intake;
alter function registry.clear_staged(bigint) owner to rempart_def_intake;
alter function registry.current_reference(bigint, bytea) owner to rempart_def_intake;
alter function registry.end_member(text, bytea, date) owner to rempart_def_intake;
-- Only the owner of a table may give it a month. This is all that he does for others: no argument, nothing read, nothing removed.
alter function journal.make_months() owner to rempart_owner;
grant execute on function journal.refuse_change() to rempart_owner;

-- Erasing is a role's of its own: it sees dates, and row-level security lets it delete what is past its time only.
alter function registry.erase_covers(integer) owner to rempart_def_purge;
alter function registry.erase_staged(integer) owner to rempart_def_purge;
alter function registry.erase_departed(integer) owner to rempart_def_purge;
alter function registry.erase_generation(integer) owner to rempart_def_purge;
alter function guard.erase_met(integer) owner to rempart_def_purge;
alter function journal.erase_payloads(integer) owner to rempart_def_purge;
alter function journal.erase_references(integer) owner to rempart_def_purge;
alter function journal.foresee_purge(integer) owner to rempart_def_purge;
alter function billing.erase_lines(integer) owner to rempart_def_purge;
alter function billing.erase_ibans(integer) owner to rempart_def_purge;
alter function billing.spent_ibans(text, date) owner to rempart_def_purge;
-- What an insurer's software is told and may answer is another role's than the rest of the money: it sees one insurer's rows.
alter function billing.enter_insurer(text, bytea, text) owner to rempart_def_insurer;
alter function billing.leave_insurer() owner to rempart_def_insurer;
alter function billing.received_lines(bytea) owner to rempart_def_insurer;
alter function billing.received(bytea[]) owner to rempart_def_insurer;
alter function billing.list_received(text, bytea, text, bytea, integer) owner to rempart_def_insurer;
alter function billing.read_received(text, bytea, text, bytea) owner to rempart_def_insurer;
alter function billing.answer_claims(text, bytea, text, bytea[], text[], text[]) owner to rempart_def_insurer;

-- 3. Schemas.
grant usage on schema rights, journal to rempart_edge;
grant usage on schema foundation to rempart_edge, rempart_signin, rempart_intake, rempart_desk, rempart_journal, rempart_jobs, rempart_janitor, rempart_def_foundation;
grant usage on schema identity to rempart_edge, rempart_signin, rempart_desk, rempart_jobs, rempart_def_identity, rempart_def_rights, rempart_def_guard, rempart_def_foundation, rempart_def_journal;
grant usage on schema guard to rempart_edge, rempart_signin, rempart_desk, rempart_jobs, rempart_def_guard, rempart_def_rights, rempart_def_foundation, rempart_def_purge, rempart_def_journal;
grant usage on schema registry to rempart_intake, rempart_desk, rempart_def_registry, rempart_def_intake, rempart_def_rights, rempart_def_guard, rempart_def_purge, rempart_jobs;
grant usage on schema intake to rempart_intake, rempart_desk, rempart_def_intake;
grant usage on schema foundation, identity, guard to rempart_def_intake;
grant usage on schema registry to rempart_def_identity;
grant usage on schema billing to rempart_def_billing, rempart_def_rights, rempart_def_purge, rempart_edge, rempart_desk, rempart_jobs;
grant usage on schema registry, identity to rempart_def_billing;
grant usage on schema billing to rempart_intake, rempart_def_insurer;
grant usage on schema identity, guard to rempart_def_insurer;
grant usage on schema journal to rempart_journal, rempart_def_journal, rempart_def_rights, rempart_def_guard, rempart_def_foundation, rempart_def_purge, rempart_jobs;
grant usage on schema rights to rempart_def_rights;

-- 4. What login roles may call.
grant execute on procedure rights.ask(jsonb) to rempart_edge;
grant execute on function rights.ask_batch(jsonb) to rempart_edge;
grant execute on function pg_catalog.pg_advisory_xact_lock(bigint) to rempart_def_rights;
grant execute on function pg_catalog.pg_stat_get_activity(integer), pg_catalog.pg_terminate_backend(integer, bigint) to rempart_def_janitor;
grant execute on function pg_catalog.pg_relation_size(regclass), pg_catalog.pg_relation_size(regclass, text) to rempart_def_purge, rempart_def_registry;
grant execute on function rights.collect(jsonb) to rempart_edge;
grant execute on function rights.note_broken(text, bytea, text, text, text, bytea, bytea) to rempart_edge;
grant execute on function billing.claim(text, bytea, text, jsonb, jsonb) to rempart_edge;
grant execute on function billing.cancel_claim(text, bytea, text, bytea) to rempart_edge;
grant execute on function billing.read_claim(text, bytea, text, bytea) to rempart_edge;
grant execute on function billing.list_remittances(text, bytea, text, text) to rempart_edge;
grant execute on function billing.read_remittance(text, bytea, text, text) to rempart_edge;
grant execute on function billing.read_authorization(text, bytea, text, bytea) to rempart_edge;
grant execute on function billing.list_guarantees(text, bytea, text) to rempart_edge;
grant execute on function billing.find_guarantee(text, bytea, text, bytea) to rempart_edge;
grant execute on function billing.cancel_authorization(text, bytea, text, bytea) to rempart_edge;
grant execute on function foundation.ready() to rempart_edge;
grant execute on function foundation.marked_as_demo() to rempart_edge, rempart_signin, rempart_intake, rempart_desk, rempart_journal, rempart_jobs, rempart_janitor;
grant execute on function identity.find_session(text, bytea) to rempart_edge;
grant execute on function identity.use_session(text, bytea, text) to rempart_edge;
grant execute on function identity.in_demonstration(text, bytea, text) to rempart_edge;
grant execute on function identity.find_locked(text, bytea) to rempart_edge;
grant execute on function identity.list_sessions(text) to rempart_edge;
grant execute on function identity.list_passkeys(text) to rempart_edge;
grant execute on function identity.list_colleagues(text) to rempart_edge;
grant execute on function guard.closed_for(text) to rempart_edge;
grant execute on function guard.list_public() to rempart_edge;
grant execute on function identity.list_devices(text) to rempart_edge;
grant execute on function guard.list_alerts(text) to rempart_edge;
grant execute on function journal.count_site(text, bytea, text) to rempart_edge;
grant execute on function identity.obtain_code(text, bytea, text, text[], text, bytea, interval) to rempart_signin;
grant execute on function identity.revoke_device(text, bytea, text, text) to rempart_signin;
grant execute on function guard.note_levels(text, bytea, text) to rempart_edge;
grant execute on function guard.read_levels(text, bytea) to rempart_edge;
grant execute on function journal.list_own(text, bytea, text, date, date, text, text, timestamptz, bytea) to rempart_edge;
grant execute on function journal.open_own(text, bytea, text, timestamptz, bytea) to rempart_edge;
grant execute on function rights.list_exceptions(text) to rempart_edge;
grant execute on function identity.begin_touch(text, bytea, text, bytea, bytea) to rempart_signin;
grant execute on function identity.note_touch(text, bytea, text, bytea, bytea, bigint, boolean) to rempart_signin;
grant execute on function identity.list_domains(text) to rempart_edge;
grant execute on function identity.open_challenge(bytea) to rempart_signin;
grant execute on function identity.passkey_for(bytea) to rempart_signin;
grant execute on function identity.mint_session(bytea, bytea, bigint, boolean, bytea, text, text, bytea, text, text, text) to rempart_signin;
grant execute on function identity.begin_enrolment(bytea, bytea, bytea) to rempart_signin;
grant execute on function identity.enrol_passkey(bytea, bytea, bytea, bytea, bytea, bigint, boolean, boolean, text) to rempart_signin;
grant execute on function identity.begin_another_passkey(text, bytea, text, bytea) to rempart_signin;
grant execute on function identity.add_passkey(text, bytea, text, bytea, bytea, bytea, bigint, boolean, boolean, text) to rempart_signin;
grant execute on function identity.revoke_passkey(text, bytea, text, uuid) to rempart_signin;
grant execute on function identity.close_session(text, bytea, text, uuid) to rempart_signin;
grant execute on function identity.lock_session(text, bytea, text) to rempart_signin;
grant execute on function identity.invite_colleague(text, bytea, text, text, text, bytea, bytea, interval) to rempart_signin;
grant execute on function identity.leave_colleague(text, bytea, text, text) to rempart_signin;
grant execute on function guard.set_caps_account(bigint) to rempart_signin;
grant execute on function identity.approve_recovery(text, bytea, text, text, bytea, bytea, interval) to rempart_signin;
grant execute on function identity.unblock_colleague(text, bytea, text, text) to rempart_signin;
grant execute on function guard.recover_caps(bigint) to rempart_signin;
grant execute on function identity.recover_administrator(text, text, bytea, bytea, interval) to rempart_desk;
grant execute on function identity.list_letters() to rempart_desk;
grant execute on function identity.take_letter(uuid) to rempart_desk;
grant execute on function guard.end_tenth() to rempart_jobs;
grant execute on function identity.invite_administrator(text, text, text, bytea, bytea, interval) to rempart_desk;
grant execute on function identity.installation_key(text) to rempart_signin;
grant execute on function identity.mint_token(text, text, text, bytea, bytea, interval) to rempart_signin;
grant execute on function identity.enrol_installation(bytea, bytea, text, text) to rempart_signin;
grant execute on function guard.set_caps_installation(bigint) to rempart_signin;
grant execute on function identity.add_professional(text, text) to rempart_desk;
grant execute on function identity.add_site(text, text) to rempart_desk;
grant execute on function identity.open_account(text, text) to rempart_desk;
grant execute on function identity.close_account(text, text) to rempart_desk;
grant execute on function identity.link_account(text, text) to rempart_desk;
grant execute on function identity.issue_code(text, text[], text, bytea, interval) to rempart_desk;
grant execute on function identity.issue_insurer_code(text, text, text, bytea, interval) to rempart_desk;
grant execute on function identity.revoke_installation(text) to rempart_desk;
grant execute on function identity.list_installations() to rempart_desk;
grant execute on function guard.set_caps(smallint, bigint, text) to rempart_desk;
grant execute on function guard.widen_caps(smallint, bigint, integer, integer) to rempart_desk;
grant execute on function guard.close_gate(text, text, text, text, timestamptz) to rempart_desk;
grant execute on function guard.open_gate(text, text, text, text) to rempart_desk;
grant execute on function guard.list_gates() to rempart_desk;
grant execute on function foundation.edges_since_before(timestamptz) to rempart_desk;
grant execute on function guard.draw_nonce() to rempart_desk;
grant execute on function guard.list_officers() to rempart_desk;
grant execute on function guard.add_officer(text, bytea, bytea, text[], bytea[]) to rempart_desk;
grant execute on function guard.remove_officer(text, text, bytea, text[], bytea[]) to rempart_desk;
grant execute on function guard.place_hold(text, text, bytea, text[], bytea[]) to rempart_desk;
grant execute on function guard.ease_hold(text, text, bytea, text[], bytea[]) to rempart_desk;
grant execute on function guard.release_hold(text, text, bytea, text[], bytea[]) to rempart_desk;
grant execute on function registry.add_insurer(text, text) to rempart_desk;
grant execute on function registry.add_plan(text, text, text, jsonb) to rempart_desk;
grant execute on function registry.set_ending_share(text, integer) to rempart_desk;
grant execute on function registry.set_answer_days(text, integer) to rempart_desk;
grant execute on function rights.live_generations() to rempart_edge;
grant execute on function registry.begin_generation(smallint, text) to rempart_desk;
grant execute on function registry.end_generation(boolean) to rempart_desk;
grant execute on function registry.list_generations() to rempart_desk, rempart_def_intake;
grant execute on function registry.live_generations() to rempart_desk, rempart_def_intake, rempart_def_purge, rempart_def_rights;
grant execute on function registry.read_plan(text, text) to rempart_def_billing, rempart_desk;
grant execute on function billing.try_plan(text, text, text, jsonb) to rempart_desk;
grant execute on function billing.read_unbilled(text, text, timestamptz, timestamptz) to rempart_desk;
grant execute on function billing.set_bank(text, bytea, text) to rempart_desk;
grant execute on function billing.cancel_bank(text) to rempart_desk;
grant execute on function billing.list_bank(text) to rempart_desk;
grant execute on function billing.resume(text, text) to rempart_desk;
grant execute on function billing.settle_dispute(bytea, text, text, text) to rempart_desk;
grant execute on function billing.settle_batch(text, boolean, text, text) to rempart_desk;
grant execute on function billing.set_line_key(text, bytea, bytea, text) to rempart_desk;
grant execute on function registry.open_feed(text, text, timestamptz, bytea, bigint, bytea) to rempart_intake;
grant execute on function registry.stage_coverage(bigint, bytea, bigint, bytea[], bytea[], bigint[], date[], date[], smallint[], bytea[], bytea[]) to rempart_intake;
grant execute on function registry.stage_references(bigint, bytea, bigint, bytea[], bytea[]) to rempart_intake;
grant execute on function registry.swap_feed(bigint, bytea, boolean, boolean, boolean, boolean) to rempart_intake;
grant execute on function registry.leave_feed(bigint, bytea) to rempart_intake;
grant execute on function registry.clear_staged(bigint) to rempart_intake;
grant execute on function registry.end_member(text, bytea, date) to rempart_intake;
grant execute on function intake.begin_part(text, bytea, text, text, bigint, bytea, text) to rempart_intake;
grant execute on function intake.note_part(bigint, bigint, bigint) to rempart_intake;
grant execute on function intake.read_report(bigint) to rempart_intake;
grant execute on function intake.report(text, bytea, text, text) to rempart_intake;
grant execute on function intake.confirm_feed(text, bytea, text, text) to rempart_intake;
grant execute on function intake.due_jobs(text[], integer) to rempart_intake;
grant execute on function intake.begin_job(bigint, text) to rempart_intake;
grant execute on function intake.end_import(bigint, text, bigint, bigint, bigint, bigint, bigint, bigint, bigint, jsonb) to rempart_intake;
grant execute on function intake.end_mail(bigint) to rempart_intake;
grant execute on function intake.put_off(bigint, text, interval) to rempart_intake;
grant execute on function intake.give_up(bigint) to rempart_intake;
grant execute on function intake.kept_files() to rempart_intake;
grant execute on function intake.sweep() to rempart_intake;
grant execute on function intake.ready() to rempart_intake;
grant execute on function intake.set_contact(text, text, text) to rempart_desk;
grant execute on function intake.list_waiting() to rempart_desk;
grant execute on function intake.list_answered(integer) to rempart_desk;
grant execute on function intake.answer_renaming(text, text, boolean, bytea, text) to rempart_desk;
grant execute on function billing.list_received(text, bytea, text, bytea, integer) to rempart_intake;
grant execute on function billing.read_received(text, bytea, text, bytea) to rempart_intake;
grant execute on function billing.answer_claims(text, bytea, text, bytea[], text[], text[]) to rempart_intake;
grant execute on function identity.sweep() to rempart_jobs;
grant execute on function journal.open_purge(text, integer) to rempart_jobs;
grant execute on function journal.close_purge() to rempart_jobs;
grant execute on function journal.list_purges(integer) to rempart_jobs;
grant execute on function journal.read_purge(bigint) to rempart_jobs;
grant execute on function journal.foresee_purge(integer) to rempart_jobs;
grant execute on function journal.erase_payloads(integer) to rempart_jobs;
grant execute on function journal.erase_references(integer) to rempart_jobs;
grant execute on function guard.erase_met(integer) to rempart_jobs;
grant execute on function registry.erase_covers(integer) to rempart_jobs;
grant execute on function registry.erase_staged(integer) to rempart_jobs;
grant execute on function registry.erase_departed(integer) to rempart_jobs;
grant execute on function registry.erase_generation(integer) to rempart_jobs;
grant execute on function billing.erase_lines(integer) to rempart_jobs;
grant execute on function billing.erase_ibans(integer) to rempart_jobs;
grant execute on function billing.check_ledger() to rempart_jobs;
grant execute on function billing.list_disputed(text, boolean) to rempart_jobs;
grant execute on function billing.list_owing() to rempart_jobs;
grant execute on function billing.open_batch(bigint) to rempart_jobs;
grant execute on function billing.stopped() to rempart_jobs;
grant execute on function billing.read_transfers(bigint) to rempart_jobs;
grant execute on function billing.list_batches(integer) to rempart_jobs;
grant execute on function billing.list_waiting() to rempart_jobs;
grant execute on function billing.note_file(bigint, bytea) to rempart_jobs;
grant execute on function billing.confirm_batch(text) to rempart_jobs;
grant execute on function billing.take_return(text, text) to rempart_jobs;
grant execute on function billing.notice(text) to rempart_jobs;
grant execute on function billing.notice_lines(text) to rempart_jobs;
grant execute on function billing.statement(text, date, date) to rempart_jobs;
grant execute on function billing.list_line_keys() to rempart_jobs;
grant execute on function billing.list_lines() to rempart_jobs;
grant execute on function billing.lines_to_seal(bytea, integer) to rempart_jobs;
grant execute on function billing.keep_sealed(bytea[], bytea, bytea[]) to rempart_jobs;
grant execute on function billing.read_sealed(text, date, date, bytea, integer) to rempart_jobs;
grant execute on function foundation.installed_at() to rempart_jobs;
grant execute on function journal.make_months() to rempart_jobs;
grant execute on function guard.beat(bigint) to rempart_jobs;
grant execute on function foundation.end_sleepers() to rempart_janitor;
grant execute on function journal.read_entries(bigint, integer) to rempart_journal;
grant execute on function journal.read_heads() to rempart_journal;
grant execute on function journal.find_receipt(bytea) to rempart_journal;
grant execute on function foundation.read_mark() to rempart_jobs;
grant execute on function foundation.take_up(bytea, bigint, bytea) to rempart_jobs;
grant execute on function foundation.read_epoch() to rempart_signin;
-- Whoever restores a database is its superuser: nobody else may say that it was restored.
revoke execute on function foundation.restore(text, text, bigint, bigint, boolean, boolean) from public;

-- 5. What features call of each other.
grant execute on function identity.alive(text[], bytea[]) to rempart_def_rights, rempart_def_guard;
grant execute on function registry.name_of(bigint) to rempart_def_guard;
grant execute on function identity.who(bigint[], text[], text[], text[]) to rempart_def_rights;
grant execute on function identity.proof_first_seen(bytea, text) to rempart_def_rights, rempart_def_intake, rempart_def_billing;
grant execute on function identity.proved_reader(text, bytea, text) to rempart_def_journal, rempart_def_guard, rempart_def_billing;
grant execute on function identity.find_session(text, bytea) to rempart_def_guard;
grant execute on function identity.accounts_at(bigint) to rempart_def_journal, rempart_def_guard;
grant execute on function identity.installations_at(bigint), identity.open_invitations(bigint) to rempart_def_guard;
grant execute on function identity.claimant(text, bytea) to rempart_def_billing;
grant execute on function identity.sender(text, bytea, text) to rempart_def_intake, rempart_def_insurer;
grant execute on function identity.proof_first_seen(bytea, text), identity.site_name(bigint) to rempart_def_insurer;
grant execute on function guard.installation_closed(bigint) to rempart_def_insurer;
grant execute on function registry.answer_days(bigint) to rempart_def_billing;
grant execute on function foundation.schema_version() to rempart_def_intake;
grant execute on function registry.amc_of(bigint) to rempart_def_intake, rempart_def_identity;
grant execute on function identity.accounts_of(bigint) to rempart_def_rights;
grant execute on function guard.lock(bigint[], bigint[], bigint[], bigint[]) to rempart_def_rights;
grant execute on function guard.now() to rempart_def_guard, rempart_def_journal;
grant execute on function guard.judge(bigint, bigint, bigint, bigint, bigint, bytea, text, bigint) to rempart_def_rights;
grant execute on function guard.charge(bigint, bigint, bigint, bigint, bigint, bytea, boolean, boolean, boolean, boolean) to rempart_def_rights;
grant execute on function guard.charge_installation(bigint, bigint) to rempart_def_rights;
grant execute on function guard.take_exception(bigint, bigint, bigint, bigint) to rempart_def_rights;
grant execute on function guard.in_order(bytea) to rempart_def_rights;
grant execute on function identity.use_touch(text, bytea, bytea) to rempart_def_rights;
grant execute on function identity.find_session(text, bytea) to rempart_def_rights;
grant execute on function identity.list_colleagues(text) to rempart_def_rights;
grant execute on function identity.id_of(text, text) to rempart_def_rights;
grant execute on function journal.note_exception(bigint, bigint, timestamptz) to rempart_def_rights;
grant execute on function journal.exceptions_of(bigint) to rempart_def_rights;
grant execute on function guard.mute(smallint, bigint, bigint) to rempart_def_rights;
grant execute on function guard.muted(bigint, bigint[]) to rempart_def_rights;
grant execute on function guard.client_closed(bigint) to rempart_def_intake;
grant execute on function identity.id_of(text, text) to rempart_def_billing, rempart_def_guard;
grant execute on function identity.channel_of(bigint) to rempart_def_guard;
grant execute on function identity.keys_of(bigint) to rempart_def_guard;
grant usage on schema guard to rempart_def_identity;
grant execute on function guard.stops(bigint, bigint, bigint, bigint) to rempart_def_identity;
grant execute on function identity.name_of(bigint) to rempart_def_guard;
grant execute on function journal.record_gate(text, bigint, text, text, text, text, text, timestamptz, bytea, bytea, text[], bytea[], bytea[]) to rempart_def_guard;
grant execute on function journal.record(text, smallint, bigint, bigint, bytea, bytea, text, bytea, bigint, integer, journal.payload, text, bytea) to rempart_def_rights;
grant execute on function journal.first_use(bigint, text) to rempart_def_rights;
grant execute on function journal.payload_of(bigint, timestamptz) to rempart_def_rights;
grant execute on function journal.on_record(bytea[], bigint[]) to rempart_def_rights;
grant execute on function registry.insurer_served(text) to rempart_def_rights, rempart_def_intake, rempart_def_guard, rempart_def_identity, rempart_def_billing;
grant execute on function registry.match(bigint, bytea[], bytea[], text, text, date) to rempart_def_rights;
grant execute on function journal.record_cap(smallint, bigint, bigint, bytea) to rempart_def_guard;
grant execute on function billing.engage(bytea, bytea, bigint, bigint, bytea, text, date, bigint, bytea, bigint, integer, integer, integer, bigint) to rempart_def_rights;
grant execute on function billing.hold_given(bytea[], bytea[], bigint[], bytea[], text[], date[]) to rempart_def_rights;
grant execute on function registry.category_rules(bigint, text) to rempart_def_billing;
grant usage on schema billing to rempart_def_guard;
grant execute on function identity.site_name(bigint) to rempart_def_billing;
grant execute on function registry.amc_of(bigint) to rempart_def_billing;
grant execute on function billing.bank_change(bigint), billing.bank_refused(bigint) to rempart_def_guard;
grant usage on schema foundation, guard to rempart_def_billing;
grant usage on schema billing to rempart_def_foundation;
grant execute on function foundation.life() to rempart_def_billing;
grant execute on function guard.plain_reason(text) to rempart_def_billing;
grant execute on function billing.stopped(), billing.end_changes(timestamptz) to rempart_def_foundation;
grant execute on function billing.are_lines(billing.line[]) to rempart_def_rights;
grant execute on function billing.take_turns(bytea[]) to rempart_def_rights;
grant execute on function billing.refuse_quote(billing.line[], bytea, text, bigint, bytea) to rempart_def_rights;
grant execute on function billing.authorize(billing.line[], bytea, bytea, bytea, bigint, bigint, bytea, text, date, bigint, bytea, bigint, text, integer, integer, integer, bigint) to rempart_def_rights;
grant execute on function registry.limits_frequency(bigint, text, text[]) to rempart_def_rights;
grant execute on function journal.last_entry() to rempart_def_foundation;
grant execute on function journal.holds(bigint, bytea) to rempart_def_foundation;
grant execute on function journal.pack(bytea[]), journal.field(bytea) to rempart_def_foundation;
grant execute on function journal.restore(bigint, bigint, bigint, bytea) to rempart_def_foundation;
grant execute on function guard.plain_reason(text) to rempart_def_foundation;
grant execute on function guard.empty_all(bigint) to rempart_def_foundation;
grant execute on function guard.close_gate(text, text, text, text, timestamptz) to rempart_def_foundation;
grant execute on function identity.end_unused() to rempart_def_foundation;
grant execute on function identity.subjects() to rempart_def_journal;
grant usage on schema foundation to rempart_def_guard, rempart_def_identity;
grant execute on function foundation.marked_as_demo() to rempart_def_guard, rempart_def_identity;
grant execute on function journal.purge_limits(timestamptz, integer) to rempart_def_purge;
grant execute on function journal.purge_turn(text) to rempart_def_purge;
grant execute on function journal.note_erased(bigint, text, bigint, bigint, boolean) to rempart_def_purge;

-- 6. What each definer role may touch, and the policy that lets it.
grant select on foundation.migration, foundation.mark to rempart_def_foundation;
grant select, update (epoch, began_at, copy_at) on foundation.epoch to rempart_def_foundation;
grant select, update (boot, guard_at, wall_at) on guard.clock to rempart_def_foundation;
grant select, update on all sequences in schema identity, registry, billing to rempart_def_foundation;
grant select on sequence journal.entry_no to rempart_def_foundation;
grant select on journal.entry_default to rempart_def_foundation;
grant select, insert on identity.professional, identity.site to rempart_def_identity;
grant select, insert, update (left_at) on identity.account to rempart_def_identity;
grant select on identity.profession_domain to rempart_def_identity;
grant select, insert, update (revoked_at, last_token_at) on identity.installation to rempart_def_identity;
grant select, insert, delete on identity.installation_account to rempart_def_identity;
grant select, insert, update (used_at, obtained_by), delete on identity.enrolment_code to rempart_def_identity;
grant select, insert, update (revoked_at, expires_at, locks_at), delete on identity.token to rempart_def_identity;
grant select, insert, update (name, is_administrator, last_seen_at, recovered_at) on identity.colleague to rempart_def_identity;
grant select, insert, update (sign_count, is_synced, used_at, revoked_at) on identity.passkey to rempart_def_identity;
grant select, insert, update (expires_at), delete on identity.challenge to rempart_def_identity;
grant select, insert, update (attempts, used_at, obtained_by), delete on identity.invitation to rempart_def_identity;
grant select, insert on identity.browser to rempart_def_identity;
grant select, insert, update (taken_at), delete on identity.letter to rempart_def_identity;
grant select, insert, update (token_hash, passkey_id, touched_at, used_at, network, device), delete on identity.session to rempart_def_identity;
grant select, insert, update (challenge, digest, touched_at, expires_at), delete on identity.touch to rempart_def_identity;
grant select, insert, delete on identity.assertion_jti, identity.proof_jti to rempart_def_identity;
grant select on registry.insurer, registry.plan, registry.plan_domain, registry.coverage to rempart_def_registry;
grant select on registry.care_category, registry.category_rule to rempart_def_registry;
-- By the trigger of registry.coverage alone: erasing covers names no insurer, so this is for all of them.
grant select, insert, update (member_reference, left_on, generation) on registry.departed to rempart_def_registry;
grant select on registry.index_generation to rempart_def_registry, rempart_def_intake;
grant select (generation, ended_at) on registry.index_generation to rempart_def_purge;
grant insert (generation, begun_by), update (ended_at) on registry.index_generation to rempart_def_intake;
grant select, insert, update (name, ending_share_bp, answer_days) on registry.insurer to rempart_def_intake;
grant select, insert, update (label) on registry.plan to rempart_def_intake;
grant select, insert, delete on registry.plan_domain to rempart_def_intake;
grant select, insert on registry.terms, registry.category_rule to rempart_def_intake;
grant select on registry.care_category to rempart_def_intake;
grant select, insert on registry.feed to rempart_def_intake;
grant usage on sequence registry.feed_feed_id_seq to rempart_def_intake;
grant select, insert, update (token_hash, staged, mapped, work_xid, worked_at, ended_reference, last_day), delete on registry.feed_work to rempart_def_intake;
grant select, insert, delete on registry.staged_coverage, registry.staged_reference to rempart_def_intake;
grant select, insert, update (current, feed_id), delete on registry.former_reference to rempart_def_intake;
grant select, insert, update, delete on registry.coverage to rempart_def_intake;
grant select, insert, update (person_index, member_reference, left_on, generation), delete on registry.departed to rempart_def_intake;
grant select, insert, update (received, state, worked_at, is_confirmed, gone_ahead_by, gone_ahead_at, refused_by, refused_at, accepted, refused, ended, before, after, mapped, renamed, problems) on intake.upload to rempart_def_intake;
grant select, insert, delete on intake.visit to rempart_def_intake;
grant select, insert, update (due_at, attempts), delete on intake.job to rempart_def_intake;
grant select, insert, update (address, language) on intake.contact to rempart_def_intake;
grant select, update on guard.clock to rempart_def_guard;
grant select on guard.profile to rempart_def_guard;
grant select, insert, update (steps_left, steps, burst, every, taken_at, noted_at, xid) on guard.level to rempart_def_guard;
grant select, insert, update on guard.budget to rempart_def_guard;
grant select, update (emptied_at) on guard.exception_cap to rempart_def_guard;
grant select, insert, update (burst, every, tat) on guard.exception_budget to rempart_def_guard;
grant select, insert, update (met_on) on guard.met to rempart_def_guard;
grant select, insert, update, delete on guard.gate, guard.hold, guard.eased, guard.tenth to rempart_def_guard;
grant select, insert, delete on guard.officer to rempart_def_guard;
grant select, insert on guard.retired_key to rempart_def_guard;
grant select, insert, delete on guard.nonce to rempart_def_guard;
grant select, insert, update (used_at, cancelled_at, replaced_by) on billing.engagement to rempart_def_billing;
grant select, insert on billing.authorized_line to rempart_def_billing;
grant select, insert, delete on billing.frequency_use to rempart_def_billing;
grant select, update on billing.turn to rempart_def_billing;
grant select, insert, update (state, cancelled_at, replaced_by, lines_sealed_at) on billing.claim to rempart_def_billing;
grant select, insert, delete on billing.claim_line to rempart_def_billing;
grant select, insert on billing.ledger, billing.line_key, billing.sealed_lines to rempart_def_billing;
grant select, insert, update (tally) on billing.claim_refusal to rempart_def_billing;
grant select, insert, update (cancelled_at) on billing.bank_detail to rempart_def_billing;
grant select, insert, update (file_digest, paid_at, abandoned_at, settled_by, settled_because, bank_reference) on billing.batch to rempart_def_billing;
grant select, insert, update (state, returned_at, reason) on billing.transfer to rempart_def_billing;
grant select, insert on billing.resumption, billing.settlement to rempart_def_billing;
-- An update that its policy refuses: rows may be held, never changed.
grant select, insert (claim_id, insurer_id, answer_by), update (answer_by) on billing.answer to rempart_def_billing;
grant select, update (answer, because, answered_at, installation_id) on billing.answer to rempart_def_insurer;
grant select, insert, delete on billing.insurer_visit to rempart_def_insurer;
grant select (claim_id, engagement_id, site_id, insurer_id, amount_cents, state, made_at) on billing.claim to rempart_def_insurer;
grant select (engagement_id, insurer_id, member_reference, domain, care_on) on billing.engagement to rempart_def_insurer;
grant select on billing.claim_line to rempart_def_insurer;
grant select (claim_id, insurer_id, key_id, sealed) on billing.sealed_lines to rempart_def_insurer;
grant select (claim_id, insurer_id, outcome, settled_at) on billing.settlement to rempart_def_insurer;
grant insert (insurer_id, site_id, claim_id, step, debit, credit, amount_cents) on billing.ledger to rempart_def_insurer;
grant select, insert on journal.entry, journal.payload, journal.reference to rempart_def_journal;
grant select, insert, update (counter, head_hash) on journal.head to rempart_def_journal;
grant select, insert, delete on journal.site_exception to rempart_def_journal;
grant usage, update on sequence journal.entry_no to rempart_def_journal;
grant select, insert, update on journal.purge, journal.purge_part to rempart_def_journal;
grant select (ctid, insurer_id, valid_to, generation), update (valid_to), delete on registry.coverage to rempart_def_purge;
grant select (insurer_id), update (closed_at) on registry.insurer to rempart_def_purge;
grant select (ctid, left_on, generation), update (left_on), delete on registry.departed to rempart_def_purge;
grant select (ctid, feed_id), update (feed_id), delete on registry.staged_coverage to rempart_def_purge;
grant select (ctid, feed_id), update (feed_id), delete on registry.staged_reference to rempart_def_purge;
grant select (feed_id, worked_at), update (worked_at), delete on registry.feed_work to rempart_def_purge;
grant select (ctid, met_on), update (met_on), delete on guard.met to rempart_def_purge;
grant select (ctid, recorded_at), delete on journal.reference to rempart_def_purge;
grant select (entry_no, recorded_at), delete on journal.payload to rempart_def_purge;
grant select (ctid, made_on), delete on billing.claim_line, billing.sealed_lines to rempart_def_purge;
grant select (ctid, expires_on), delete on billing.authorized_line to rempart_def_purge;
grant select (detail_id, site_id, place, effective_at, cancelled_at, sealed), update (sealed) on billing.bank_detail to rempart_def_purge;
grant select (detail_id, batch_id) on billing.transfer to rempart_def_purge;
grant select (batch_id, paid_at, abandoned_at) on billing.batch to rempart_def_purge;
grant select (ctid, counts_until), update (counts_until), delete on billing.frequency_use to rempart_def_purge;
grant select (minute), delete on billing.claim_refusal to rempart_def_purge;
grant select (entry_no, recorded_at, kind) on journal.entry to rempart_def_purge;

do $$
declare
    _policy record;
begin
    for _policy in
        select * from (values
            ('foundation.migration', 'rempart_def_foundation'), ('foundation.mark', 'rempart_def_foundation'),
            ('guard.clock', 'rempart_def_foundation'), ('journal.entry_default', 'rempart_def_foundation'),
            ('foundation.epoch', 'rempart_def_foundation'),
            ('identity.professional', 'rempart_def_identity'), ('identity.site', 'rempart_def_identity'),
            ('identity.account', 'rempart_def_identity'), ('identity.profession_domain', 'rempart_def_identity'),
            ('identity.installation', 'rempart_def_identity'), ('identity.installation_account', 'rempart_def_identity'),
            ('identity.enrolment_code', 'rempart_def_identity'), ('identity.token', 'rempart_def_identity'),
            ('identity.assertion_jti', 'rempart_def_identity'), ('identity.proof_jti', 'rempart_def_identity'),
            ('identity.colleague', 'rempart_def_identity'), ('identity.passkey', 'rempart_def_identity'),
            ('identity.challenge', 'rempart_def_identity'), ('identity.invitation', 'rempart_def_identity'),
            ('identity.browser', 'rempart_def_identity'), ('identity.letter', 'rempart_def_identity'), ('identity.session', 'rempart_def_identity'),
            ('registry.insurer', 'rempart_def_registry'), ('registry.plan_domain', 'rempart_def_registry'),
            ('registry.coverage', 'rempart_def_registry'), ('registry.plan', 'rempart_def_registry'),
            ('registry.departed', 'rempart_def_registry'), ('registry.index_generation', 'rempart_def_registry'),
            ('registry.index_generation', 'rempart_def_intake'), ('registry.index_generation', 'rempart_def_purge'),
            ('registry.care_category', 'rempart_def_registry'), ('registry.category_rule', 'rempart_def_registry'),
            ('registry.care_category', 'rempart_def_intake'), ('registry.terms', 'rempart_def_intake'),
            ('registry.category_rule', 'rempart_def_intake'), ('registry.insurer', 'rempart_def_intake'),
            ('registry.plan', 'rempart_def_intake'), ('registry.plan_domain', 'rempart_def_intake'),
            ('guard.profile', 'rempart_def_guard'), ('identity.touch', 'rempart_def_identity'),
            ('guard.exception_cap', 'rempart_def_guard'), ('guard.exception_budget', 'rempart_def_guard'),
            ('journal.site_exception', 'rempart_def_journal'),
            ('intake.visit', 'rempart_def_intake'), ('intake.job', 'rempart_def_intake'), ('intake.contact', 'rempart_def_intake'),
            ('guard.level', 'rempart_def_guard'), ('guard.budget', 'rempart_def_guard'), ('guard.met', 'rempart_def_guard'),
            ('guard.gate', 'rempart_def_guard'), ('guard.hold', 'rempart_def_guard'),
            ('guard.eased', 'rempart_def_guard'), ('guard.tenth', 'rempart_def_guard'), ('guard.retired_key', 'rempart_def_guard'),
            ('guard.officer', 'rempart_def_guard'), ('guard.nonce', 'rempart_def_guard'),
            ('billing.engagement', 'rempart_def_billing'), ('billing.claim', 'rempart_def_billing'),
            ('billing.line_key', 'rempart_def_billing'), ('billing.claim_refusal', 'rempart_def_billing'),
            ('billing.ledger', 'rempart_def_billing'), ('billing.bank_detail', 'rempart_def_billing'),
            ('billing.batch', 'rempart_def_billing'), ('billing.transfer', 'rempart_def_billing'),
            ('billing.resumption', 'rempart_def_billing'), ('billing.settlement', 'rempart_def_billing'),
            ('billing.authorized_line', 'rempart_def_billing'),
            ('billing.frequency_use', 'rempart_def_billing'), ('billing.turn', 'rempart_def_billing'),
            ('journal.head', 'rempart_def_journal'), ('journal.entry', 'rempart_def_journal'),
            ('journal.payload', 'rempart_def_journal'), ('journal.reference', 'rempart_def_journal'),
            ('journal.purge', 'rempart_def_journal'), ('journal.purge_part', 'rempart_def_journal')
        ) as p (target, role_name)
    loop
        execute format('create policy %I on %s for all to %I using (true) with check (true)',
                       _policy.role_name, _policy.target, _policy.role_name);
    end loop;
end
$$;

-- 7. The tenant: a transaction touches covers of the insurer on whose feed it is at work. That is a row with the
--    transaction's number, which takes the feed's token to write (registry.work_on_feed); it is never a setting.
create policy rempart_def_intake_read on registry.feed for select to rempart_def_intake using (true);
create policy rempart_def_intake_put on registry.feed for insert to rempart_def_intake
    with check (insurer_id = (select w.insurer_id from registry.feed_work w where w.work_xid = pg_current_xact_id_if_assigned()));
create policy rempart_def_intake_read on registry.feed_work for select to rempart_def_intake using (true);
create policy rempart_def_intake_open on registry.feed_work for insert to rempart_def_intake
    with check (work_xid = pg_current_xact_id());
create policy rempart_def_intake_work on registry.feed_work for update to rempart_def_intake
    using (true) with check (work_xid = pg_current_xact_id());
create policy rempart_def_intake_end on registry.feed_work for delete to rempart_def_intake
    using (work_xid = pg_current_xact_id_if_assigned() or worked_at < clock_timestamp() - interval '15 seconds');
create policy rempart_def_intake on registry.staged_coverage for all to rempart_def_intake
    using (insurer_id = (select w.insurer_id from registry.feed_work w where w.work_xid = pg_current_xact_id_if_assigned()))
    with check (insurer_id = (select w.insurer_id from registry.feed_work w where w.work_xid = pg_current_xact_id_if_assigned()));
create policy rempart_def_intake on registry.staged_reference for all to rempart_def_intake
    using (insurer_id = (select w.insurer_id from registry.feed_work w where w.work_xid = pg_current_xact_id_if_assigned()))
    with check (insurer_id = (select w.insurer_id from registry.feed_work w where w.work_xid = pg_current_xact_id_if_assigned()));
create policy rempart_def_intake on registry.former_reference for all to rempart_def_intake
    using (insurer_id = (select w.insurer_id from registry.feed_work w where w.work_xid = pg_current_xact_id_if_assigned()))
    with check (insurer_id = (select w.insurer_id from registry.feed_work w where w.work_xid = pg_current_xact_id_if_assigned()));
create policy rempart_def_intake on registry.departed for all to rempart_def_intake
    using (insurer_id = (select w.insurer_id from registry.feed_work w where w.work_xid = pg_current_xact_id_if_assigned()))
    with check (insurer_id = (select w.insurer_id from registry.feed_work w where w.work_xid = pg_current_xact_id_if_assigned()));
-- What belongs to no open feed is anybody's to clear away.
create policy rempart_def_intake_see on registry.staged_coverage for select to rempart_def_intake
    using (feed_id <> all (array(select w.feed_id from registry.feed_work w)));
create policy rempart_def_intake_clear on registry.staged_coverage for delete to rempart_def_intake
    using (feed_id <> all (array(select w.feed_id from registry.feed_work w)));
create policy rempart_def_intake_see on registry.staged_reference for select to rempart_def_intake
    using (feed_id <> all (array(select w.feed_id from registry.feed_work w)));
create policy rempart_def_intake_clear on registry.staged_reference for delete to rempart_def_intake
    using (feed_id <> all (array(select w.feed_id from registry.feed_work w)));
create policy rempart_def_intake on registry.coverage for all to rempart_def_intake
    using (insurer_id = (select w.insurer_id from registry.feed_work w where w.work_xid = pg_current_xact_id_if_assigned()))
    with check (insurer_id = (select w.insurer_id from registry.feed_work w where w.work_xid = pg_current_xact_id_if_assigned()));
-- Feeds sent by insurers: a transaction sees those of the insurer whose token, or whose work, it entered with.
create policy rempart_def_intake on intake.upload for all to rempart_def_intake
    using (insurer_id = (select v.insurer_id from intake.visit v where v.work_xid = pg_current_xact_id_if_assigned()))
    with check (insurer_id = (select v.insurer_id from intake.visit v where v.work_xid = pg_current_xact_id_if_assigned()));

-- What was delivered: clear lines go where their sealed form is there, and never come back beside it; sealed ones are never changed,
-- and are of a claim that is paid, whose clear lines are there, to a key of its own insurer.
create policy rempart_def_billing_see on billing.claim_line for select to rempart_def_billing using (true);
create policy rempart_def_billing_put on billing.claim_line for insert to rempart_def_billing
    with check (not exists (select from billing.sealed_lines s where s.claim_id = claim_line.claim_id));
create policy rempart_def_billing_sealed on billing.claim_line for delete to rempart_def_billing
    using (exists (select from billing.sealed_lines s where s.claim_id = claim_line.claim_id));
create policy rempart_def_billing_see on billing.sealed_lines for select to rempart_def_billing using (true);
create policy rempart_def_billing_put on billing.sealed_lines for insert to rempart_def_billing
    with check (exists (select from billing.claim c
                               join billing.line_key k on k.insurer_id = c.insurer_id
                               join billing.claim_line l on l.claim_id = c.claim_id
                         where c.claim_id = sealed_lines.claim_id and c.state = 'paid' and c.insurer_id = sealed_lines.insurer_id
                           and k.key_id = sealed_lines.key_id and l.made_on = sealed_lines.made_on));

-- Claims that insurers answer: a transaction sees those of the insurer whose token it entered with, answers each once, and
-- writes to the ledger what that insurer rejects, and nothing else.
create policy rempart_def_billing on billing.answer for select to rempart_def_billing using (true);
create policy rempart_def_billing_begin on billing.answer for insert to rempart_def_billing with check (answer is null);
create policy rempart_def_billing_hold on billing.answer for update to rempart_def_billing using (true) with check (false);
create policy rempart_def_insurer on billing.insurer_visit for all to rempart_def_insurer
    using (work_xid = pg_current_xact_id_if_assigned()) with check (work_xid = pg_current_xact_id());
create policy rempart_def_insurer_read on billing.answer for select to rempart_def_insurer
    using (insurer_id = (select v.insurer_id from billing.insurer_visit v where v.work_xid = pg_current_xact_id_if_assigned()));
create policy rempart_def_insurer_once on billing.answer for update to rempart_def_insurer
    using (answer is null and insurer_id = (select v.insurer_id from billing.insurer_visit v where v.work_xid = pg_current_xact_id_if_assigned()))
    with check (answer is not null and insurer_id = (select v.insurer_id from billing.insurer_visit v where v.work_xid = pg_current_xact_id_if_assigned()));
create policy rempart_def_insurer_read on billing.claim for select to rempart_def_insurer
    using (insurer_id = (select v.insurer_id from billing.insurer_visit v where v.work_xid = pg_current_xact_id_if_assigned()));
create policy rempart_def_insurer_read on billing.engagement for select to rempart_def_insurer
    using (insurer_id = (select v.insurer_id from billing.insurer_visit v where v.work_xid = pg_current_xact_id_if_assigned()));
create policy rempart_def_insurer_read on billing.claim_line for select to rempart_def_insurer
    using (exists (select from billing.claim c where c.claim_id = claim_line.claim_id));
create policy rempart_def_insurer_read on billing.sealed_lines for select to rempart_def_insurer
    using (insurer_id = (select v.insurer_id from billing.insurer_visit v where v.work_xid = pg_current_xact_id_if_assigned()));
create policy rempart_def_insurer_read on billing.settlement for select to rempart_def_insurer
    using (insurer_id = (select v.insurer_id from billing.insurer_visit v where v.work_xid = pg_current_xact_id_if_assigned()));
create policy rempart_def_insurer_put on billing.ledger for insert to rempart_def_insurer
    with check (step = 'rejected' and insurer_id = (select v.insurer_id from billing.insurer_visit v where v.work_xid = pg_current_xact_id_if_assigned()));

-- What may be erased, whatever a function says: the periods of docs/purge.md, at their shortest. Rows may be locked, never changed.
create policy rempart_def_purge_see on registry.coverage for select to rempart_def_purge using (true);
create policy rempart_def_purge_lock on registry.coverage for update to rempart_def_purge
    using (valid_to < ((now() - interval '1 hour') at time zone 'Europe/Paris')::date - 31) with check (false);
create policy rempart_def_purge_erase on registry.coverage for delete to rempart_def_purge
    using (valid_to < ((now() - interval '1 hour') at time zone 'Europe/Paris')::date - 31);
-- What was left under index keys that have ended: nobody is found by it.
create policy rempart_def_purge_turned on registry.coverage for delete to rempart_def_purge
    using (generation <> all (array(select g.generation from registry.index_generation g where g.ended_at is null)));
create policy rempart_def_purge_turned on registry.departed for delete to rempart_def_purge
    using (generation <> all (array(select g.generation from registry.index_generation g where g.ended_at is null)));
-- Whoever erases covers holds their insurer, so that no feed changes who has none left meanwhile.
create policy rempart_def_purge_see on registry.insurer for select to rempart_def_purge using (true);
create policy rempart_def_purge_lock on registry.insurer for update to rempart_def_purge using (true) with check (false);
create policy rempart_def_purge_see on registry.departed for select to rempart_def_purge using (true);
create policy rempart_def_purge_lock on registry.departed for update to rempart_def_purge
    using (left_on < ((now() - interval '1 hour') at time zone 'Europe/Paris')::date - interval '14 months') with check (false);
create policy rempart_def_purge_erase on registry.departed for delete to rempart_def_purge
    using (left_on < ((now() - interval '1 hour') at time zone 'Europe/Paris')::date - interval '14 months');
create policy rempart_def_purge_see on guard.met for select to rempart_def_purge using (true);
create policy rempart_def_purge_lock on guard.met for update to rempart_def_purge
    using (met_on < (now() at time zone 'Europe/Paris')::date - interval '12 months') with check (false);
create policy rempart_def_purge_erase on guard.met for delete to rempart_def_purge
    using (met_on < (now() at time zone 'Europe/Paris')::date - interval '12 months');
create policy rempart_def_purge_see on journal.payload for select to rempart_def_purge using (true);
create policy rempart_def_purge_erase on journal.payload for delete to rempart_def_purge
    using (recorded_at < (now() at time zone 'Europe/Paris' - interval '6 months') at time zone 'Europe/Paris');
create policy rempart_def_purge_see on billing.claim_line for select to rempart_def_purge using (true);
create policy rempart_def_purge_erase on billing.claim_line for delete to rempart_def_purge
    using (made_on < (now() at time zone 'Europe/Paris')::date - interval '6 months');
create policy rempart_def_purge_see on billing.sealed_lines for select to rempart_def_purge using (true);
create policy rempart_def_purge_erase on billing.sealed_lines for delete to rempart_def_purge
    using (made_on < (now() at time zone 'Europe/Paris')::date - interval '6 months');
-- A sealed IBAN may become null, and nothing else, once it is neither in force nor waiting, and no file is to be made from it.
create policy rempart_def_purge_see on billing.transfer for select to rempart_def_purge using (true);
create policy rempart_def_purge_see on billing.batch for select to rempart_def_purge using (true);
create policy rempart_def_purge_see on billing.bank_detail for select to rempart_def_purge using (true);
create policy rempart_def_purge_erase on billing.bank_detail for update to rempart_def_purge
    using ((cancelled_at < now() - interval '1 month'
            or exists (select from billing.bank_detail n
                        where n.site_id = bank_detail.site_id and n.place > bank_detail.place and n.cancelled_at is null
                          and n.effective_at < now() - interval '13 months'))
           and not exists (select from billing.transfer t join billing.batch p on p.batch_id = t.batch_id
                            where t.detail_id = bank_detail.detail_id and p.paid_at is null and p.abandoned_at is null))
    with check (sealed is null);
create policy rempart_def_purge_see on billing.authorized_line for select to rempart_def_purge using (true);
create policy rempart_def_purge_erase on billing.authorized_line for delete to rempart_def_purge
    using (expires_on < (now() at time zone 'Europe/Paris')::date - interval '6 months');
create policy rempart_def_purge_see on billing.frequency_use for select to rempart_def_purge using (true);
create policy rempart_def_purge_lock on billing.frequency_use for update to rempart_def_purge
    using (counts_until < (now() at time zone 'Europe/Paris')::date - 31) with check (false);
create policy rempart_def_purge_erase on billing.frequency_use for delete to rempart_def_purge
    using (counts_until < (now() at time zone 'Europe/Paris')::date - 31);
create policy rempart_def_purge_see on billing.claim_refusal for select to rempart_def_purge using (true);
create policy rempart_def_purge_erase on billing.claim_refusal for delete to rempart_def_purge
    using (minute < now() - interval '6 months');
create policy rempart_def_purge_see on journal.reference for select to rempart_def_purge using (true);
create policy rempart_def_purge_erase on journal.reference for delete to rempart_def_purge
    using (recorded_at < (now() at time zone 'Europe/Paris' - interval '6 months') at time zone 'Europe/Paris');
create policy rempart_def_purge_see on journal.entry for select to rempart_def_purge using (true);
create policy rempart_def_purge_see on registry.feed_work for select to rempart_def_purge using (true);
create policy rempart_def_purge_lock on registry.feed_work for update to rempart_def_purge
    using (worked_at < now() - interval '6 days') with check (false);
create policy rempart_def_purge_erase on registry.feed_work for delete to rempart_def_purge
    using (worked_at < now() - interval '6 days');
create policy rempart_def_purge_see on registry.staged_reference for select to rempart_def_purge using (true);
create policy rempart_def_purge_lock on registry.staged_reference for update to rempart_def_purge
    using (feed_id <> all (array(select w.feed_id from registry.feed_work w))) with check (false);
create policy rempart_def_purge_erase on registry.staged_reference for delete to rempart_def_purge
    using (feed_id <> all (array(select w.feed_id from registry.feed_work w)));
create policy rempart_def_purge_see on registry.staged_coverage for select to rempart_def_purge using (true);
create policy rempart_def_purge_lock on registry.staged_coverage for update to rempart_def_purge
    using (feed_id <> all (array(select w.feed_id from registry.feed_work w))) with check (false);
create policy rempart_def_purge_erase on registry.staged_coverage for delete to rempart_def_purge
    using (feed_id <> all (array(select w.feed_id from registry.feed_work w)));

-- 8. The job queue: a third party's schema (procrastinate). Its functions run as their caller, so the worker's role
--    needs the four tables themselves; nobody else may see the schema. Where another role is ever to queue a job,
--    it gets one definer function of ours, not this.
do $$
declare
    _function record;
begin
    execute 'revoke all on schema jobs from public, rempart_edge, rempart_signin, rempart_intake, rempart_desk, rempart_journal, rempart_jobs, rempart_janitor';
    execute 'revoke all on all tables in schema jobs from public, rempart_edge, rempart_signin, rempart_intake, rempart_desk, rempart_journal, rempart_jobs, rempart_janitor';
    execute 'revoke all on all sequences in schema jobs from public, rempart_edge, rempart_signin, rempart_intake, rempart_desk, rempart_journal, rempart_jobs, rempart_janitor';
    execute 'revoke all on all functions in schema jobs from public, rempart_edge, rempart_signin, rempart_intake, rempart_desk, rempart_journal, rempart_jobs, rempart_janitor';
    for _function in
        select p.oid::regprocedure as name from pg_catalog.pg_proc p where p.pronamespace = 'jobs'::regnamespace
    loop
        execute format('alter function %s set search_path = pg_catalog, jobs, pg_temp', _function.name);
    end loop;
end
$$;
grant usage on schema jobs to rempart_jobs;
grant execute on function
    jobs.procrastinate_defer_jobs_v1(jobs.procrastinate_job_to_defer_v1[]),
    jobs.procrastinate_defer_periodic_job_v2(varchar, varchar, varchar, varchar, integer, varchar, bigint, jsonb),
    jobs.procrastinate_fetch_job_v2(varchar[], bigint),
    jobs.procrastinate_finish_job_v1(bigint, jobs.procrastinate_job_status, boolean),
    jobs.procrastinate_retry_job_v2(bigint, timestamptz, integer, varchar, varchar),
    jobs.procrastinate_register_worker_v1(),
    jobs.procrastinate_unregister_worker_v1(bigint),
    jobs.procrastinate_update_heartbeat_v1(bigint),
    jobs.procrastinate_prune_stalled_workers_v1(double precision)
    to rempart_jobs;
grant select, insert, update, delete on jobs.procrastinate_jobs, jobs.procrastinate_workers, jobs.procrastinate_periodic_defers to rempart_jobs;
grant select, insert on jobs.procrastinate_events to rempart_jobs;
grant usage on sequence jobs.procrastinate_jobs_id_seq, jobs.procrastinate_periodic_defers_id_seq, jobs.procrastinate_events_id_seq to rempart_jobs;

-- 9. Guard time is not seen in a server whose start nobody took up: it may be a restored copy, and without guard time
--    nobody is answered (foundation.take_up, docs/restore.md).
create policy rempart_def_guard on guard.clock for all to rempart_def_guard
    using (boot = pg_postmaster_start_time()) with check (boot = pg_postmaster_start_time());
