-- What: tells whoever does a piece of work what it is about.
-- Charges or records: a row of intake.visit.
-- Called by: rempart_intake, through intake/work.py.
-- Locks: as intake.enter_for_job.
-- Round trips: one. No row: the work is done already.
create or replace function intake.begin_job(_upload_id bigint, _kind text)
returns table (
    amc text, name text, state text, total bigint, digest bytea, is_confirmed boolean, may_rename boolean,
    accepted bigint, refused bigint, ended bigint, before bigint, after bigint, renamed bigint, address text, language text
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint := intake.enter_for_job(_upload_id, _kind);
begin
    return query
    select registry.amc_of(u.insurer_id), u.name, u.state, u.total, u.digest, u.is_confirmed, u.gone_ahead_at is not null,
           u.accepted, u.refused, u.ended, u.before, u.after, u.renamed, c.address, c.language
      from intake.upload u
      left join intake.contact c on c.insurer_id = u.insurer_id
     where u.upload_id = _upload_id and u.insurer_id = _insurer_id;
end
$$;

comment on function intake.begin_job(bigint, text) is 'What a piece of work is about, whom to write to included.';
