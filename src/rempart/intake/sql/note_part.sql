-- What: notes how many bytes of a feed are on disk; with the last one the feed is due to be taken in.
-- Charges or records: the feed's row; its work.
-- Called by: rempart_intake, through intake/receiving.py, in the transaction that intake.begin_part began.
-- Locks: the feed's row, which this transaction has already; then intake.job.
-- Round trips: one.
create or replace function intake.note_part(_upload_id bigint, _received_before bigint, _received bigint)
returns text
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _upload intake.upload;
begin
    update intake.upload u
       set received = _received, worked_at = clock_timestamp(),
           state = case when _received = u.total then 'checking' else 'receiving' end
     where u.upload_id = _upload_id and u.state = 'receiving' and u.received = _received_before
    returning u.* into _upload;
    if not found then
        raise exception 'not the part that is due' using errcode = 'RP031';
    end if;
    if _upload.state = 'checking' then
        delete from intake.job j where j.upload_id = _upload_id and j.kind = 'expire';
        insert into intake.job (upload_id, kind, insurer_id) values (_upload_id, 'import', _upload.insurer_id);
    else
        update intake.job j set due_at = clock_timestamp() + interval '24 hours'
         where j.upload_id = _upload_id and j.kind = 'expire';
    end if;
    return _upload.state;
end
$$;

comment on function intake.note_part(bigint, bigint, bigint) is 'Notes what has arrived of a feed; returns its state.';
