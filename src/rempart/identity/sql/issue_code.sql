-- What: issues a one-time code with which a software at a site enrols its key, for the accounts that it will speak for.
-- Charges or records: the code's hash; the code is shown once by the caller and kept nowhere.
-- Called by: the desk (role rempart_desk).
-- Locks: the unique key of enrolment_code.
-- Round trips: one. Refusals: site_unknown, account_unknown (one of them missing, closed or elsewhere), code_not_valid.
create or replace function identity.issue_code(
    _site text, _rpps text [], _vendor text, _code_hash bytea, _lives interval
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
    _site_id bigint;
    _account_ids bigint [];
    _wanted bigint;
    _now timestamptz;
begin
    select s.site_id into _site_id from identity.site as s where s.identifier = _site;
    if not found then
        return query select null::timestamptz, 'site_unknown';
        return;
    end if;
    if _vendor is null or char_length(_vendor) not between 1 and 80
       or _code_hash is null or octet_length(_code_hash) <> 32
       or _lives is null or _lives <= interval '0' or _lives > interval '3 days' then
        return query select null::timestamptz, 'code_not_valid';
        return;
    end if;
    -- A null among the numbers counts as one that is missing.
    select count(*) into _wanted from (select distinct w.rpps from unnest(_rpps) as w (rpps)) as d;
    select array_agg(a.account_id order by a.account_id) into _account_ids
      from identity.account as a
      join identity.professional as p on p.professional_id = a.professional_id
     where a.site_id = _site_id and a.left_at is null and p.rpps = any (_rpps);
    if _wanted not between 1 and 200 or _account_ids is null or cardinality(_account_ids) <> _wanted then
        return query select null::timestamptz, 'account_unknown';
        return;
    end if;
    _now := clock_timestamp();
    insert into identity.enrolment_code as c (code_hash, site_id, account_ids, vendor, issued_at, expires_at)
    values (_code_hash, _site_id, _account_ids, _vendor, _now, _now + _lives)
    on conflict do nothing;
    if not found then
        return query select null::timestamptz, 'code_not_valid';
        return;
    end if;
    return query select _now + _lives, null::text;
end;
$$;

comment on function identity.issue_code(text, text [], text, bytea, interval) is
'Issues a one-time enrolment code, of at most three days.';
