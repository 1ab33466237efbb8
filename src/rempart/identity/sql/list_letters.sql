-- What: lists the letters that wait to be printed.
-- Charges or records: nothing.
-- Called by: the desk (role rempart_desk).
-- Locks: none.
-- Round trips: one.
create or replace function identity.list_letters()
returns table (letter_no uuid, name text, site text, site_label text, queued_at timestamptz)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
select l.letter_no, c.name, s.identifier, s.label, l.queued_at
  from identity.letter as l
  join identity.colleague as c on c.account_id = l.account_id
  join identity.account as a on a.account_id = l.account_id
  join identity.site as s on s.site_id = a.site_id
 where l.taken_at is null
 order by l.queued_at
$$;

comment on function identity.list_letters() is
'The letters that wait to be printed.';
