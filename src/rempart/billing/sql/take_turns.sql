-- What: lets one transaction at a time count the frequency of the people whom a batch's quotes are about.
-- Charges or records: nothing; the rows of billing.turn are made once, and none for whoever is asked about.
-- Called by: rights.ask_batch, after guard.lock, for a batch that holds a quote.
-- Locks: billing.turn, sorted, until the batch is committed (docs/locks.md).
-- Round trips: none of its own.
create or replace function billing.take_turns(_asked bytea[]) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _turns integer[] := array(select distinct get_byte(a, 0) from unnest(_asked) a);
    _taken bigint;
begin
    -- In a snapshot taken before the turn came, what others were given meanwhile would not be seen.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'a quote is asked in a transaction that reads what is committed' using errcode = 'RP001';
    end if;
    select count(*) into _taken
      from (select t.turn from billing.turn t where t.turn = any (_turns) order by t.turn for no key update) as held;
    if _taken <> cardinality(_turns) then
        raise exception 'nobody can wait for his turn: its row is missing' using errcode = 'RP503';
    end if;
end
$$;

comment on function billing.take_turns(bytea[]) is 'One after the other, whoever counts how often somebody had something.';
