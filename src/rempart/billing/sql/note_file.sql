-- What: keeps what a batch's file is, before it is handed to anybody: there is never another for this batch.
-- Charges or records: the digest, once.
-- Called by: rempart_jobs (rempart pay run, rempart jobs).
-- Locks: the row of billing.batch.
-- Round trips: one. Refusals: not_taken_up, restored; batch_abandoned; another_file: the batch had another, or there is no such batch.
create or replace function billing.note_file(_batch bigint, _digest bytea) returns table (refused_because text)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    perform set_config('synchronous_commit', 'on', true);
    select s.because into strict refused_because from billing.stopped() s;
    if refused_because is not null then
        return next;
        return;
    end if;
    update billing.batch b set file_digest = _digest
     where b.batch_id = _batch and b.abandoned_at is null and (b.file_digest is null or b.file_digest = _digest);
    if not found then
        refused_because := case when exists (select from billing.batch b where b.batch_id = _batch and b.abandoned_at is not null)
                                then 'batch_abandoned' else 'another_file' end;
    end if;
    return next;
end
$$;

comment on function billing.note_file(bigint, bytea) is 'Keeps the digest of a batch''s one file.';
