-- What: counts a claim that was refused.
-- Charges or records: a row of billing.claim_refusal a minute, installation and reason; nothing of what was claimed.
-- Called by: billing.claim, billing.cancel_claim.
-- Locks: that row, last of its transaction.
-- Round trips: none of its own.
create or replace function billing.note_refusal(_installation bigint, _because text) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    insert into billing.claim_refusal as r (installation_id, minute, because, tally)
    values (_installation, date_trunc('minute', clock_timestamp()), _because, 1)
    on conflict (installation_id, minute, because) do update set tally = r.tally + 1;
end
$$;

comment on function billing.note_refusal(bigint, text) is 'Counts a refused claim, by minute and reason.';
