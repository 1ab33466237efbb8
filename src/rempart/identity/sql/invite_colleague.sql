-- What: lets a site's administrator invite a colleague by name: opens the account at that very site, and issues his link.
-- Charges or records: the account, the colleague, the invitation; uses the proof up.
-- Called by: the sign-in process (role rempart_signin), then guard.set_caps_account in the same transaction.
-- Locks: as identity.proved_session for the whole site, then account, invitation.
-- Round trips: one. Refusals: those of identity.proved_session; professional_unknown, name_not_valid, code_not_valid, has_a_passkey.
create or replace function identity.invite_colleague(
    _token text, _jkt bytea, _proof_jti text, _rpps text, _name text, _code_hash bytea, _spoken_hash bytea, _lives interval
)
returns table (account_id bigint, refused_because text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
    _professional_id bigint;
    _site_id bigint;
    _account_id bigint;
    _refused text;
begin
    select p.account_id, p.refused_because into strict _me
      from identity.proved_session(_token, _jkt, _proof_jti, true, true) as p;
    if _me.refused_because is not null then
        return query select null::bigint, _me.refused_because;
        return;
    end if;
    -- Who practises what is the operator's to say, from the national register: not a site's.
    select p.professional_id into _professional_id from identity.professional as p where p.rpps = _rpps;
    if not found then
        return query select null::bigint, 'professional_unknown';
        return;
    end if;
    select a.site_id into strict _site_id from identity.account as a where a.account_id = _me.account_id;
    insert into identity.account as a (professional_id, site_id) values (_professional_id, _site_id)
    on conflict on constraint account_professional_id_site_id_key do nothing;
    select a.account_id into strict _account_id
      from identity.account as a where a.professional_id = _professional_id and a.site_id = _site_id;
    _refused := identity.invite(_account_id, _name, false, _code_hash, _spoken_hash, _lives);
    if _refused is null then
        update identity.account as a set left_at = null where a.account_id = _account_id and a.left_at is not null;
        update identity.invitation as v set obtained_by = _me.account_id where v.code_hash = _code_hash;
    end if;
    return query select case when _refused is null then _account_id end, _refused;
end;
$$;

comment on function identity.invite_colleague(text, bytea, text, text, text, bytea, bytea, interval) is
'Invites a colleague to the administrator''s own site.';
