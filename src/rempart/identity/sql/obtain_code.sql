-- What: gives a site's administrator a one-time code with which a software enrols its key there, for the colleagues named.
-- Charges or records: the code's hash; the code is shown once by the caller and kept nowhere. Uses the proof up.
-- Called by: the sign-in process (role rempart_signin).
-- Locks: as identity.proved_session for the whole site, then the unique key of enrolment_code.
-- Round trips: one. Refusals: those of identity.proved_session and of identity.issue_code; too_many_codes (ten wait to be used).
create or replace function identity.obtain_code(
    _token text, _jkt bytea, _proof_jti text, _rpps text [], _vendor text, _code_hash bytea, _lives interval
)
returns table (expires_at timestamptz, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
begin
    select p.account_id, p.site, p.refused_because into strict _me
      from identity.proved_session(_token, _jkt, _proof_jti, true, true) as p;
    if _me.refused_because is not null then
        return query select null::timestamptz, _me.refused_because;
    elsif (
        select count(*) from identity.enrolment_code as c join identity.site as s on s.site_id = c.site_id
         where s.identifier = _me.site and c.used_at is null and c.expires_at > clock_timestamp()
    ) >= 10 then
        return query select null::timestamptz, 'too_many_codes';
    else
        select i.expires_at, i.refused_because into strict expires_at, refused_because
          from identity.issue_code(_me.site, _rpps, _vendor, _code_hash, _lives) as i;
        if refused_because is null then
            update identity.enrolment_code as c set obtained_by = _me.account_id where c.code_hash = _code_hash;
        end if;
        return next;
    end if;
end;
$$;

comment on function identity.obtain_code(text, bytea, text, text [], text, bytea, interval) is
'A one-time code for a new software, to the administrator of its site.';
