-- What: charges a question that broke its batch (a row that rights.ask cannot even read) to the account that asked it.
-- Charges or records: one of all questions, and a refusal question_broken; past the cap, or for a repeated proof, a count.
-- Called by: rempart_edge (the lane), once it has found the question by bisection.
-- Locks: guard.budget rows in the one order, then journal.head (docs/locks.md).
-- Round trips: one.
create or replace function rights.note_broken(
    _token text, _jkt bytea, _proof_jti text, _professional text, _site text, _edge bytea, _boot bytea
) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _p journal.payload;
    _installation bigint;
    _who record;
    _judged record;
    _now bigint;
    _kind smallint := 1;
    _id bigint;
    _charges bytea;
    _tally integer := 1;
begin
    perform set_config('synchronous_commit', 'on', true);
    -- 1. Who: a dead token leaves nothing, as in rights.ask.
    _installation := (identity.alive(array[_token], array[_jkt]))[1];
    if _installation is null then
        return;
    end if;
    select * into _who from identity.who(array[_installation], array[_professional], array[_site], array[''::text]);
    _now := guard.lock(
        array[_installation], array[_who.account_id], array[_who.professional_id], array[_who.site_id]);

    -- 2. Nothing of the question itself is written down: it could not be read.
    _id := _installation;
    _p.attempt := uuid_send(gen_random_uuid()); _p.installation_id := _id; _p.account_id := coalesce(_who.account_id, 0);
    _p.professional := case when _who.account_id is null then '' else _professional end;
    _p.site := case when _who.account_id is null then '' else _site end;
    _p.domain := ''; _p.care_on := current_date; _p.evidence := ''; _p.outcome := ''; _p.insurer := '';
    _p.digest := ''; _p.member_reference := ''; _p.asked := ''; _p.fresh := false; _p.network := ''; _p.proof := '';
    _p.refused_because := 'question_broken';

    -- 3. The proof is used up: the same request cannot break a second batch at its owner's cost.
    if not identity.proof_first_seen(_jkt, _proof_jti) then
        _tally := guard.mute(1::smallint, _installation, _now);
        _charges := '';
    else
        _judged := guard.judge(
            _installation, _who.account_id, _who.professional_id, _who.site_id, null,
            '\x00000000000000000000000000000000', 'scan', _now);
        if _judged.ready then
            _kind := 2; _id := _who.account_id;
            if _judged.all_left then
                _charges := guard.charge(
                    _installation, _who.account_id, _who.professional_id, _who.site_id, _now,
                    null, false, false, false, false);
            end if;
        else
            _charges := guard.charge_installation(_installation, _now);
        end if;
        if _charges is null then
            _tally := guard.mute(_kind, _id, _now);
        end if;
    end if;
    if _tally > 0 then
        perform journal.record('refusal', _kind, _id, _now, _edge, _boot, 'dpop', coalesce(_charges, ''), 0::bigint, _tally, _p);
    end if;
end
$$;

comment on function rights.note_broken(text, bytea, text, text, text, bytea, bytea) is 'Charges whoever broke a batch.';
