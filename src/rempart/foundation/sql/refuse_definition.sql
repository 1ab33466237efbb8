-- What: refuses every definition (CREATE, ALTER, DROP, COMMENT, GRANT ...) to sessions of the roles that have nothing to define.
-- Charges or records: nothing.
-- Called by: the event trigger rempart_no_definition, before a command takes its first lock; made by database/no_definitions.sql.
-- Locks: none.
-- Round trips: none of its own.
create or replace function foundation.refuse_definition() returns event_trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    -- PostgreSQL locks the table before it looks whether one may: CREATE RULE waits for all who read it, and makes all wait who
    -- come after. A question would wait for it that has something to write about somebody covered, and no other.
    if session_user in ('rempart_edge', 'rempart_signin', 'rempart_intake', 'rempart_desk', 'rempart_journal', 'rempart_janitor') then
        raise exception 'this role defines nothing' using errcode = 'insufficient_privilege';
    end if;
end
$$;

comment on function foundation.refuse_definition() is 'Whoever only calls functions defines nothing.';
