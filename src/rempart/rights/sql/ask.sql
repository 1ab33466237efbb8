-- What: asks a batch of questions and commits: what it did is on record before anybody can look at it, or at what it cost.
-- Charges or records: through rights.ask_batch.
-- Called by: rempart_edge (the lane), once a batch, outside any transaction: within one, the first line refuses.
-- Locks: none of its own.
-- Round trips: one.
create or replace procedure rights.ask(_questions jsonb)
language plpgsql
as $$
declare
    _patience interval := pg_catalog.current_setting('statement_timeout')::pg_catalog.interval;
begin
    -- It runs as its caller and pins nothing: PostgreSQL lets no other procedure commit. It names all that it touches.
    commit;
    -- Until the end of the commit, whose own messages count the commands that were run: a caller could cancel behind them.
    set local client_min_messages = 'error';
    perform rights.ask_batch(_questions);
    commit;
    -- A time-out that meets the commit ends the wait for a synchronous standby, and the commit stands here alone. That is no
    -- answer: whoever asks again with the same reference waits for the standby again. (docs/operations.md)
    if _patience > '0'::pg_catalog.interval and pg_catalog.clock_timestamp() > pg_catalog.statement_timestamp() + _patience * 0.8 then
        raise exception 'the commit took longer than anybody may wait for it' using errcode = '57014';
    end if;
end
$$;

comment on procedure rights.ask(jsonb) is 'Asks a batch of questions and commits; rights.collect answers.';
