-- What: issues a one-time code with which an insurer's software enrols its key: to send feeds, or to answer claims, and nothing else.
-- Charges or records: the code's hash; the code is shown once by the caller and kept nowhere.
-- Called by: the desk (role rempart_desk).
-- Locks: the unique key of enrolment_code.
-- Round trips: one. Refusals: insurer_unknown, code_not_valid.
create or replace function identity.issue_insurer_code(_amc text, _vendor text, _scope text, _code_hash bytea, _lives interval)
returns table (expires_at timestamptz, refused_because text)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint := registry.insurer_served(_amc);
    _now timestamptz;
begin
    if _insurer_id is null then
        return query select null::timestamptz, 'insurer_unknown';
        return;
    end if;
    if _scope is null or _scope not in ('feeds', 'claims')
       or _vendor is null or char_length(_vendor) not between 1 and 80
       or _code_hash is null or octet_length(_code_hash) <> 32
       or _lives is null or _lives <= interval '0' or _lives > interval '3 days' then
        return query select null::timestamptz, 'code_not_valid';
        return;
    end if;
    _now := clock_timestamp();
    insert into identity.enrolment_code as c (code_hash, insurer_id, scope, account_ids, vendor, issued_at, expires_at)
    values (_code_hash, _insurer_id, _scope, '{}', _vendor, _now, _now + _lives)
    on conflict do nothing;
    if not found then
        return query select null::timestamptz, 'code_not_valid';
        return;
    end if;
    return query select _now + _lives, null::text;
end;
$$;

comment on function identity.issue_insurer_code(text, text, text, bytea, interval) is 'Issues a one-time code for an insurer''s software.';
