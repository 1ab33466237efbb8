-- What: gives a key its caps, from the profession's profile. A key that has caps keeps them.
-- Charges or records: an entry of kind cap that holds every bound, so that an auditor need not trust this table.
-- Called by: rempart_desk when an account is opened; rempart_signin's enrolment through guard.set_caps_installation.
-- Locks: the new budget row, then journal.head of the key.
-- Round trips: one.
create or replace function guard.set_caps(_kind smallint, _id bigint, _profession text) returns boolean
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _caps bytea;
    _now bigint := guard.now();
begin
    if _kind is null or _id is null or _profession is null then
        raise exception 'caps need a kind, an id and a profession' using errcode = 'RP001';
    end if;
    with given as (
        insert into guard.budget (
            kind, id, all_burst, all_every, all_tat, new_burst, new_every, new_tat,
            fresh_burst, fresh_every, fresh_tat, typed_burst, typed_every, typed_tat,
            miss_burst, miss_every, miss_tat, muted_at)
        select p.kind, _id, p.all_burst, p.all_every, 0, p.new_burst, p.new_every, 0,
               p.fresh_burst, p.fresh_every, 0, p.typed_burst, p.typed_every, 0,
               p.miss_burst, p.miss_every, 0, 0
          from guard.profile p
         where p.profession = _profession and p.kind = _kind
        on conflict (kind, id) do nothing
        returning *
    )
    select guard.pack_caps(g.*) into _caps from given g;
    if _caps is null then
        -- Either the key has its caps already, or nobody wrote a profile: the latter must be said.
        perform 1 from guard.budget b where b.kind = _kind and b.id = _id;
        if not found then
            raise exception 'no profile for this profession' using errcode = 'RP404';
        end if;
        return false;
    end if;
    perform journal.record_cap(_kind, _id, _now, _caps);
    return true;
end
$$;

comment on function guard.set_caps(smallint, bigint, text) is 'Gives a key its caps once, and records them.';
