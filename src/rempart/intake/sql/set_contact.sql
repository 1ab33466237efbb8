-- What: sets whom to write to at an insurer, and in which language.
-- Charges or records: the insurer's row of intake.contact.
-- Called by: rempart_desk, through intake/contact.py.
-- Locks: that row.
-- Round trips: one.
create or replace function intake.set_contact(_amc text, _address text, _language text)
returns boolean
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint := registry.insurer_served(_amc);
begin
    if _insurer_id is null then
        return false;
    end if;
    insert into intake.contact (insurer_id, address, language)
    values (_insurer_id, _address, _language)
    on conflict (insurer_id) do update set address = excluded.address, language = excluded.language;
    return true;
end
$$;

comment on function intake.set_contact(text, text, text) is 'Sets an insurer''s e-mail address; false for an insurer that is not hosted.';
