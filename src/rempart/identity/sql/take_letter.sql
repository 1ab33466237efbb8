-- What: notes that a letter was taken out of the print queue, once.
-- Charges or records: when.
-- Called by: the desk (role rempart_desk), before the file is moved.
-- Locks: the letter's row.
-- Round trips: one. False: there is no such letter, or it was taken.
create or replace function identity.take_letter(_letter_no uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    update identity.letter as l set taken_at = clock_timestamp() where l.letter_no = _letter_no and l.taken_at is null;
    return found;
end;
$$;

comment on function identity.take_letter(uuid) is
'Takes a letter out of the print queue.';
