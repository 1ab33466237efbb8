-- What: takes everything of an insurer that is to be paid into today's batch: a transfer for each payee. Once a day: again, it answers the same.
-- Charges or records: the batch, its transfers, each claim's state and its move to in_batch, all in this transaction.
-- Called by: rempart_jobs (rempart pay run, rempart jobs).
-- Locks: rows of billing.claim that nobody holds, sorted; then the unique key (insurer, day). It waits for another run alone.
-- Round trips: one. Refusals: not_taken_up, restored. No batch: nothing is to be paid. Claims that somebody holds, and sites without a bank detail, wait for the next day.
create or replace function billing.open_batch(_insurer bigint) returns table (refused_because text, batch_id bigint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _sites bigint[];
    _details bigint[];
    _claims bytea[];
begin
    perform set_config('synchronous_commit', 'on', true);
    -- 0. A copy believes that what was paid since is still owed: nothing is paid from it until somebody looked.
    select s.because into strict refused_because from billing.stopped() s;
    if refused_because is not null then
        return next;
        return;
    end if;
    select b.batch_id into batch_id from billing.batch b where b.insurer_id = _insurer and b.on_day = current_date;
    if found then
        return next;
        return;
    end if;
    -- 1. Whom, and where to: read once, so that a bank detail that comes into force meanwhile changes nothing.
    select array_agg(p.site_id), array_agg(p.detail_id) into _sites, _details
      from billing.payable_sites(_insurer) p where p.because is null;
    -- What the bank sends back from there meanwhile is looked at again: it is not sent to the same account twice.
    _claims := array(
        select c.claim_id from billing.claim c
         where c.insurer_id = _insurer and c.state in ('accepted', 'returned') and c.site_id = any (_sites)
           and not exists (
               select from billing.transfer t
                where t.state = 'returned' and t.detail_id = _details[array_position(_sites, c.site_id)])
         order by c.claim_id
           for no key update skip locked);
    if cardinality(_claims) = 0 then
        return next;
        return;
    end if;

    -- 2. The batch, if no other run made it at this moment; then what was locked is let go as it was.
    insert into billing.batch as b (insurer_id, on_day, message, made_at)
    values (_insurer, current_date, 'RP' || replace(gen_random_uuid()::text, '-', ''), clock_timestamp())
    on conflict (insurer_id, on_day) do nothing
    returning b.batch_id into batch_id;
    if not found then
        select b.batch_id into strict batch_id from billing.batch b where b.insurer_id = _insurer and b.on_day = current_date;
        return next;
        return;
    end if;
    insert into billing.transfer (batch_id, site_id, detail_id, end_to_end, claims, amount_cents, state)
    select open_batch.batch_id, s.site_id, s.detail_id, 'RP' || replace(gen_random_uuid()::text, '-', ''), count(*), sum(c.amount_cents), 'batched'
      from billing.claim c
           join unnest(_sites, _details) as s (site_id, detail_id) on s.site_id = c.site_id
     where c.claim_id = any (_claims)
     group by s.site_id, s.detail_id
     order by s.site_id;
    update billing.claim c set state = 'batched' where c.claim_id = any (_claims);
    perform billing.move_all(batch_id, _claims, 'batched', 'owed', 'in_batch');
    return next;
end
$$;

comment on function billing.open_batch(bigint) is 'Makes an insurer''s batch of the day, or finds it.';
