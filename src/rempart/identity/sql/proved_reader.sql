-- What: whose a reading is that shows what hangs on insured persons: the session behind a cookie and a key, its proof used up.
-- Charges or records: the proof.
-- Called by: journal.list_own, journal.open_own, journal.count_site, guard.note_levels, billing.list_guarantees, billing.find_guarantee.
-- Locks: the unique key of the proof, under the session's own key.
-- Round trips: none of its own. Refusals: session_ended, proof_repeated. Raises where its transaction wrote before: that could be rolled back.
create or replace function identity.proved_reader(_token text, _jkt bytea, _proof_jti text)
returns table (account_id bigint, professional_id bigint, site_id bigint, is_administrator boolean, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _found record;
begin
    -- Whoever asked in this very transaction would read what is not on record yet (P1).
    if pg_current_xact_id_if_assigned() is not null then
        raise exception 'reading is a transaction of its own' using errcode = 'RP001';
    end if;
    select a.account_id, a.professional_id, a.site_id, s.is_administrator into _found
      from identity.find_session(_token, _jkt) as s
      join identity.account as a on a.account_id = s.account_id
     where _jkt is not null;
    if not found then
        return query select null::bigint, null::bigint, null::bigint, false, 'session_ended';
    elsif identity.proof_first_seen(_jkt, _proof_jti) is not true then
        return query select null::bigint, null::bigint, null::bigint, false, 'proof_repeated';
    else
        return query select _found.account_id, _found.professional_id, _found.site_id, _found.is_administrator, null::text;
    end if;
end;
$$;

comment on function identity.proved_reader(text, bytea, text) is
'The account behind a proved reading, in a transaction that wrote nothing before.';
