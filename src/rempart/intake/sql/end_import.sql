-- What: says what became of a feed: importing, in force, refused, or waiting for a confirmation or a go-ahead.
-- Charges or records: the feed's row; the work is done, and the insurer is to be told of what went wrong.
-- Called by: rempart_intake, through intake/work.py.
-- Locks: as intake.enter_for_job, then the feed's row.
-- Round trips: one.
create or replace function intake.end_import(
    _upload_id bigint, _state text, _accepted bigint, _refused bigint, _ended bigint,
    _before bigint, _after bigint, _mapped bigint, _renamed bigint, _problems jsonb
)
returns boolean
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint := intake.enter_for_job(_upload_id, 'import');
begin
    if _insurer_id is null then
        return false;
    end if;
    update intake.upload u
       set state = _state, worked_at = clock_timestamp(), accepted = _accepted, refused = _refused,
           ended = _ended, before = _before, after = _after, mapped = _mapped, renamed = _renamed,
           problems = _problems
     where u.upload_id = _upload_id and u.state in ('checking', 'importing');
    if not found then
        return false;
    end if;
    if _state = 'importing' then
        return true; -- on its way: the work is not done
    end if;
    delete from intake.job j where j.upload_id = _upload_id and j.kind = 'import';
    if _state in ('needs_confirmation', 'needs_go_ahead') then
        insert into intake.job (upload_id, kind, insurer_id, due_at)
        values (_upload_id, 'expire', _insurer_id, clock_timestamp() + interval '7 days');
    end if;
    if _state in ('refused', 'needs_confirmation', 'needs_go_ahead') then
        insert into intake.job (upload_id, kind, insurer_id) values (_upload_id, 'mail', _insurer_id);
    end if;
    return true;
end
$$;

comment on function intake.end_import(bigint, text, bigint, bigint, bigint, bigint, bigint, bigint, bigint, jsonb) is 'Writes the report of a feed; false when the work was done already.';
