-- What: a batch of questions: who, judge, match, engage, record. Returns nothing: rights.collect answers, after the commit.
-- Charges or records: through rights.ask_one, one entry a question; a dead token leaves nothing.
-- Called by: rempart_edge (the lane), once a batch.
-- Locks: guard.budget rows: installation, account, professional, site, each sorted by id (docs/locks.md).
-- Round trips: one.
create or replace function rights.ask(_questions jsonb) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _asked rights.question[];
    _q rights.question;
    _who record;
    _now bigint;
    -- One element for each question whose token is alive.
    _questions_alive rights.question[] := '{}';
    _installations bigint[] := '{}';
    _accounts bigint[] := '{}';
    _professionals bigint[] := '{}';
    _sites bigint[] := '{}';
    _professions text[] := '{}';
    _kinds smallint[] := '{}';
    _ids bigint[] := '{}';
begin
    -- A caller may have turned it off; the function's own SET would end before the commit.
    perform set_config('synchronous_commit', 'on', true);

    -- 1. Nothing may be missing. Only a faulty caller leaves a field out.
    if _questions is null or jsonb_typeof(_questions) <> 'array' or jsonb_array_length(_questions) = 0
       or jsonb_array_length(_questions) > 128 then
        raise exception 'a batch holds 1 to 128 questions' using errcode = 'RP001';
    end if;
    _asked := array(select q from jsonb_populate_recordset(null::rights.question, _questions) as q);
    foreach _q in array _asked loop
        if not (_q is not null) then
            raise exception 'a question has a field that is missing' using errcode = 'RP001';
        end if;
    end loop;

    -- 2. Who: the live token, and no parameter, says which account.
    foreach _q in array _asked loop
        for _who in select * from identity.who(_q.token, _q.jkt, _q.professional, _q.site) loop
            continue when _who.installation_id is null;
            _questions_alive := _questions_alive || _q;
            _installations := _installations || _who.installation_id;
            _accounts := _accounts || _who.account_id;
            _professionals := _professionals || _who.professional_id;
            _sites := _sites || _who.site_id;
            _professions := _professions || _who.profession;
            _kinds := _kinds || 1::smallint;
            _ids := _ids || _who.installation_id;
            if _who.account_id is not null then
                _kinds := _kinds || array[2, 3, 4]::smallint[];
                _ids := _ids || array[_who.account_id, _who.professional_id, _who.site_id];
            end if;
        end loop;
    end loop;
    if cardinality(_kinds) = 0 then
        return;
    end if;

    -- 3. Every lock of the batch, in the one order, before anything is read from the rows.
    perform guard.lock(_kinds, _ids);
    _now := guard.now();

    -- 4. One question after another.
    for _at in 1 .. cardinality(_installations) loop
        perform rights.ask_one(
            _questions_alive[_at], _installations[_at], _accounts[_at], _professionals[_at],
            _sites[_at], _professions[_at], _now);
    end loop;
end
$$;

comment on function rights.ask(jsonb) is 'Asks a batch of questions: charges and records each, answers none.';
