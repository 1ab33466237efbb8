-- What: tells an insurer what became of one of its own feeds.
-- Charges or records: the proof.
-- Called by: rempart_intake, through intake/receiving.py.
-- Locks: as intake.enter.
-- Round trips: one. Refusals: as intake.enter. No state: this insurer sent no such feed.
create or replace function intake.report(_token text, _jkt bytea, _proof_jti text, _name text)
returns table (
    refused_because text, state text, total bigint, received bigint, accepted bigint, refused bigint,
    ended bigint, before bigint, after bigint, mapped bigint, renamed bigint, problems jsonb
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint;
begin
    select e.refused_because, e.insurer_id into refused_because, _insurer_id from intake.enter(_token, _jkt, _proof_jti) e;
    if refused_because is null then
        select u.state, u.total, u.received, u.accepted, u.refused, u.ended, u.before, u.after, u.mapped, u.renamed, u.problems
          into state, total, received, accepted, refused, ended, before, after, mapped, renamed, problems
          from intake.upload u
         where u.insurer_id = _insurer_id and u.name = _name;
    end if;
    return next;
end
$$;

comment on function intake.report(text, bytea, text, text) is 'The report of one of the token''s insurer''s feeds.';
