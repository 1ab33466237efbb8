-- What: the report of a feed, for the transaction that has just worked on it.
-- Charges or records: nothing.
-- Called by: rempart_intake, through intake/receiving.py, in the transaction that intake.begin_part began.
-- Locks: none.
-- Round trips: one.
create or replace function intake.read_report(_upload_id bigint)
returns table (
    state text, total bigint, received bigint, accepted bigint, refused bigint,
    ended bigint, before bigint, after bigint, mapped bigint, renamed bigint, problems jsonb
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select u.state, u.total, u.received, u.accepted, u.refused, u.ended, u.before, u.after, u.mapped, u.renamed, u.problems
      from intake.upload u
     where u.upload_id = _upload_id;
end
$$;

comment on function intake.read_report(bigint) is 'The report of a feed that this transaction''s tenant owns; no row of anybody else''s.';
