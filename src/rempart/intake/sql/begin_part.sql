-- What: begins a feed or goes on with it, for the transaction in which one part is written to disk.
-- Charges or records: the proof; a new row of intake.upload with its expiry; a feed that was left lying gives way.
-- Called by: rempart_intake, through intake/receiving.py, before it writes; intake.note_part ends the same transaction.
-- Locks: as intake.enter, then the insurer's rows of intake.upload (one that somebody writes to is not waited for), then intake.job.
-- Round trips: one. Refusals: as intake.enter; feed_of_another_insurer, part_under_way, feed_differs, feed_under_way.
create or replace function intake.begin_part(
    _token text, _jkt bytea, _proof_jti text, _name text, _total bigint, _digest bytea, _insurer text
)
returns table (refused_because text, upload_id bigint, received bigint, state text, gave_way bigint)
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
    -- The file's own first line, when this part has it, names whose covers it states.
    if _insurer is not null and registry.amc_of(_insurer_id) is distinct from _insurer then
        refused_because := 'feed_of_another_insurer';
        return next;
        return;
    end if;

    -- 1. It is known: whoever is writing a part of it has its row.
    if exists (select from intake.upload u where u.insurer_id = _insurer_id and u.name = _name) then
        select u.* into _upload from intake.upload u
         where u.insurer_id = _insurer_id and u.name = _name for no key update skip locked;
        if not found then
            refused_because := 'part_under_way';
        elsif (_upload.total, _upload.digest) is distinct from (_total, _digest) then
            refused_because := 'feed_differs';
        end if;
        upload_id := _upload.upload_id;
        received := _upload.received;
        state := _upload.state;
        return next;
        return;
    end if;

    -- 2. It is new. Another that waits for a word, or from which nothing came for long, gives way to it.
    select u.* into _upload from intake.upload u
     where u.insurer_id = _insurer_id
       and (u.state in ('needs_confirmation', 'needs_go_ahead')
            or u.state = 'receiving' and u.worked_at < clock_timestamp() - interval '15 minutes')
       for no key update skip locked;
    if found then
        update intake.upload u
           set state = 'refused', worked_at = clock_timestamp(),
               problems = '[{"line": 0, "column": "", "reason": "another feed took its place"}]'
         where u.upload_id = _upload.upload_id;
        delete from intake.job j where j.upload_id = _upload.upload_id;
        gave_way := _upload.upload_id;
    end if;
    insert into intake.upload as u (insurer_id, name, total, digest)
    values (_insurer_id, _name, _total, _digest)
    on conflict do nothing
    returning u.upload_id, u.received, u.state into upload_id, received, state;
    if not found then
        refused_because := case when exists (select from intake.upload u
                                              where u.insurer_id = _insurer_id and u.name = _name)
                                then 'part_under_way' else 'feed_under_way' end;
        return next;
        return;
    end if;
    insert into intake.job (upload_id, kind, insurer_id, due_at)
    values (begin_part.upload_id, 'expire', _insurer_id, clock_timestamp() + interval '24 hours');
    return next;
end
$$;

comment on function intake.begin_part(text, bytea, text, text, bigint, bytea, text) is 'Begins a feed or goes on with it; gives how many bytes are there, or why not.';
