-- What: asks a batch of questions and commits: what it did is on record before anybody can look at it, or at what it cost.
-- Charges or records: through rights.ask_batch.
-- Called by: rempart_edge (the lane), once a batch, outside any transaction: within one, the first line refuses.
-- Locks: none of its own.
-- Round trips: one.
create or replace procedure rights.ask(_questions jsonb)
language plpgsql
as $$
begin
    -- It runs as its caller and pins nothing: PostgreSQL lets no other procedure commit. It names all that it touches.
    commit;
    -- Until the end of the commit, whose own messages count the commands that were run: a caller could cancel behind them.
    set local client_min_messages = 'error';
    perform rights.ask_batch(_questions);
    commit;
end
$$;

comment on procedure rights.ask(jsonb) is 'Asks a batch of questions and commits; rights.collect answers.';
