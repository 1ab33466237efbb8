-- What: notes that an entry is an exception of a site, for its administrator's list; forgets those of more than a month.
-- Charges or records: one row.
-- Called by: rights.ask_one.
-- Locks: rows of this site alone, whose guard.budget row the caller holds.
-- Round trips: none of its own.
create or replace function journal.note_exception(_site bigint, _entry_no bigint, _recorded_at timestamptz) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    delete from journal.site_exception x where x.site_id = _site and x.recorded_at < _recorded_at - interval '31 days';
    insert into journal.site_exception (site_id, entry_no, recorded_at) values (_site, _entry_no, _recorded_at);
end
$$;

comment on function journal.note_exception(bigint, bigint, timestamptz) is 'Notes an exception of a site.';
