-- What: takes the operator's word on a feed that gives members other references: it goes ahead, or it is refused.
-- Charges or records: the feed's row, who said so and when; its work. The insurer is told of a refusal.
-- Called by: rempart_desk, through intake/renaming.py.
-- Locks: a row of intake.visit of its own, the feed's row, then intake.job.
-- Round trips: one. Refusals: feed_unknown, nothing_waits, fingerprint_differs.
create or replace function intake.answer_renaming(
    _amc text, _name text, _goes_ahead boolean, _fingerprint bytea, _author text
)
returns text
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint := registry.insurer_served(_amc);
    _upload intake.upload;
begin
    if _insurer_id is null then
        return 'feed_unknown';
    end if;
    insert into intake.visit (insurer_id) values (_insurer_id);
    select u.* into _upload from intake.upload u
     where u.insurer_id = _insurer_id and u.name = _name for no key update;
    if not found then
        return 'feed_unknown';
    elsif _upload.state <> 'needs_go_ahead' then
        return 'nothing_waits';
    end if;
    if not _goes_ahead then
        update intake.upload u
           set state = 'refused', worked_at = clock_timestamp(), refused_by = _author, refused_at = clock_timestamp(),
               problems = '[{"line": 0, "column": "reference", "reason": "the platform''s operator refused it"}]'
         where u.upload_id = _upload.upload_id;
        delete from intake.job j where j.upload_id = _upload.upload_id;
        insert into intake.job (upload_id, kind, insurer_id) values (_upload.upload_id, 'mail', _insurer_id);
        return null;
    end if;
    -- It is the very file that the insurer's people mean: they read these bytes out, the platform does not show them.
    if octet_length(_fingerprint) is distinct from 10 or substr(_upload.digest, 1, 10) <> _fingerprint then
        return 'fingerprint_differs';
    end if;
    update intake.upload u
       set gone_ahead_by = _author, gone_ahead_at = clock_timestamp(), state = 'importing',
           worked_at = clock_timestamp(), problems = '[]'
     where u.upload_id = _upload.upload_id;
    delete from intake.job j where j.upload_id = _upload.upload_id;
    insert into intake.job (upload_id, kind, insurer_id) values (_upload.upload_id, 'import', _insurer_id);
    return null;
end
$$;

comment on function intake.answer_renaming(text, text, boolean, bytea, text) is 'Lets a feed that gives members other references go ahead, or refuses it; why not, or NULL.';
