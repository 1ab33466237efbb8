-- What: takes an insurer's word that one of its feeds may end so many covers.
-- Charges or records: the proof; the feed's row and its work. Confirming again changes nothing.
-- Called by: rempart_intake, through intake/receiving.py.
-- Locks: as intake.enter, then the feed's row, then intake.job.
-- Round trips: one. Refusals: as intake.enter; feed_unknown, nothing_to_confirm.
create or replace function intake.confirm_feed(_token text, _jkt bytea, _proof_jti text, _name text)
returns table (refused_because text)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint;
    _upload intake.upload;
begin
    select e.refused_because, e.insurer_id into refused_because, _insurer_id from intake.enter(_token, _jkt, _proof_jti) e;
    if refused_because is not null then
        return next;
        return;
    end if;
    select u.* into _upload from intake.upload u
     where u.insurer_id = _insurer_id and u.name = _name for no key update;
    if not found then
        refused_because := 'feed_unknown';
    elsif _upload.state = 'needs_confirmation' then
        update intake.upload u set is_confirmed = true, state = 'importing', worked_at = clock_timestamp(), problems = '[]'
         where u.upload_id = _upload.upload_id;
        delete from intake.job j where j.upload_id = _upload.upload_id;
        insert into intake.job (upload_id, kind, insurer_id) values (_upload.upload_id, 'import', _insurer_id);
    elsif not _upload.is_confirmed then
        refused_because := 'nothing_to_confirm';
    end if;
    return next;
end
$$;

comment on function intake.confirm_feed(text, bytea, text, text) is 'Confirms a feed that ends more covers than is usual, once for ever.';
