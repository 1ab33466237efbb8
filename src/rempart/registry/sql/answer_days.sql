-- What: for how many days an insurer may answer a claim that is taken now.
-- Charges or records: nothing.
-- Called by: billing.await_answer.
-- Locks: none.
-- Round trips: none of its own.
create or replace function registry.answer_days(_insurer_id bigint) returns integer
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return (select i.answer_days::integer from registry.insurer i where i.insurer_id = _insurer_id);
end
$$;

comment on function registry.answer_days(bigint) is 'How many days an insurer has to answer a claim.';
