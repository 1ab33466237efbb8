-- What: lets a site's administrator approve the recovery of a colleague; the code on paper is the other half.
-- Charges or records: as identity.recover; uses the proof up.
-- Called by: the sign-in process (role rempart_signin), which prints the letter in the same transaction.
-- Locks: as identity.proved_session for the whole site, then invitation.
-- Round trips: one. Refusals: those of identity.proved_session and identity.recover; account_unknown, not_oneself (two people, or none).
create or replace function identity.approve_recovery(
    _token text, _jkt bytea, _proof_jti text, _rpps text, _code_hash bytea, _paper_hash bytea, _lives interval
)
returns table (
    account_id bigint, letter_no uuid, name text, site text, site_label text, refused_because text
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
    _account_id bigint;
begin
    select p.account_id, p.refused_because into strict _me
      from identity.proved_session(_token, _jkt, _proof_jti, true, true) as p;
    _account_id := identity.colleague_of(_me.account_id, _rpps);
    if _me.refused_because is null and _account_id is null then
        _me.refused_because := 'account_unknown';
    elsif _me.refused_because is null and _account_id = _me.account_id then
        _me.refused_because := 'not_oneself';
    end if;
    if _me.refused_because is not null then
        return query select null::bigint, null::uuid, null::text, null::text, null::text, _me.refused_because;
        return;
    end if;
    return query
    select r.account_id, r.letter_no, r.name, r.site, r.site_label, r.refused_because
      from identity.recover(_account_id, _code_hash, _paper_hash, _lives) as r;
    update identity.invitation as v set obtained_by = _me.account_id where v.code_hash = _code_hash and v.account_id = _account_id;
end;
$$;

comment on function identity.approve_recovery(text, bytea, text, text, bytea, bytea, interval) is
'Approves the recovery of a colleague.';
