-- What: whether a reason is short and holds nothing that looks like somebody's number.
-- Charges or records: nothing.
-- Called by: guard.close_gate, guard.open_gate, guard.take_order, guard.remove_officer, foundation.restore, billing.resume, billing.settle_dispute, billing.settle_batch.
-- Locks: none.
-- Round trips: none of its own.
create or replace function guard.plain_reason(_reason text) returns boolean
language sql immutable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    -- Seven digits, however they are spaced; or the middle of a NIR from Corsica, which has a letter.
    select coalesce(
        char_length(_reason) between 1 and 200
        and _reason !~ '[[:cntrl:]]'
        and regexp_replace(_reason, '[^0-9A-Za-z]+', '', 'g') !~* '[0-9]{7}|[0-9]{5}2[AB][0-9]{3}',
        false)
$$;

comment on function guard.plain_reason(text) is 'A reason without identifiers.';
