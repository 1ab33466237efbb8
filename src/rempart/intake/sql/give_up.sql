-- What: refuses a feed of which no more came, or for which a word was awaited in vain.
-- Charges or records: the feed's row; the insurer is to be told.
-- Called by: rempart_intake, through intake/work.py.
-- Locks: as intake.enter_for_job, then the feed's row.
-- Round trips: one.
create or replace function intake.give_up(_upload_id bigint)
returns boolean
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint := intake.enter_for_job(_upload_id, 'expire');
begin
    -- A part may have come since: then its row says when it is due.
    if _insurer_id is null
       or exists (select from intake.job j
                   where j.upload_id = _upload_id and j.kind = 'expire' and j.due_at > clock_timestamp()) then
        return false;
    end if;
    update intake.upload u
       set state = 'refused', worked_at = clock_timestamp(),
           problems = jsonb_build_array(jsonb_build_object('line', 0, 'column', '', 'reason',
               case u.state when 'receiving' then 'it was not sent to its end within a day'
                            when 'needs_go_ahead' then 'the platform gave no go-ahead within seven days'
                            else 'it was not confirmed within seven days' end))
     where u.upload_id = _upload_id and u.state in ('receiving', 'needs_confirmation', 'needs_go_ahead');
    if not found then
        return false;
    end if;
    delete from intake.job j where j.upload_id = _upload_id;
    insert into intake.job (upload_id, kind, insurer_id) values (_upload_id, 'mail', _insurer_id);
    return true;
end
$$;

comment on function intake.give_up(bigint) is 'Gives up a feed that was left lying.';
