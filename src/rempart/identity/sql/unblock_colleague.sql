-- What: lets a colleague sign in again who was blocked for not having come for six months.
-- Charges or records: that he was seen; uses the proof up.
-- Called by: the sign-in process (role rempart_signin), then guard.recover_caps: a tenth for a week.
-- Locks: as identity.proved_session for the whole site.
-- Round trips: one. Refusals: those of identity.proved_session; account_unknown, not_blocked.
create or replace function identity.unblock_colleague(_token text, _jkt bytea, _proof_jti text, _rpps text)
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
    _account_id bigint;
begin
    select p.account_id, p.refused_because into strict _me
      from identity.proved_session(_token, _jkt, _proof_jti, true, true) as p;
    if _me.refused_because is not null then
        return query select null::bigint, _me.refused_because;
        return;
    end if;
    _account_id := identity.colleague_of(_me.account_id, _rpps);
    if _account_id is null then
        return query select null::bigint, 'account_unknown';
        return;
    end if;
    update identity.colleague as c set last_seen_at = clock_timestamp()
     where c.account_id = _account_id and c.last_seen_at < clock_timestamp() - interval '6 months';
    if not found then
        return query select null::bigint, 'not_blocked';
        return;
    end if;
    return query select _account_id, null::text;
end;
$$;

comment on function identity.unblock_colleague(text, bytea, text, text) is
'Unblocks a colleague of one''s own site.';
