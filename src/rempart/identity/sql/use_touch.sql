-- What: uses up the touch of a passkey that sign-in verified for this very request of this very session.
-- Charges or records: deletes it: it opens one question, in the transaction that asks it.
-- Called by: rights.ask_one.
-- Locks: the session's row of identity.touch, passed over when sign-in holds it: then a new touch is under way.
-- Round trips: none of its own. False: not touched, for another request, by another session, used, or over; a software has none.
create or replace function identity.use_touch(_token text, _jkt bytea, _digest bytea)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    -- The session itself, not its token alone: left sites, revoked passkeys and the latest end count too.
    delete from identity.touch as t
     where t.token_hash in (
         select o.token_hash
           from identity.find_session(_token, _jkt) as s
           join identity.touch as o on o.token_hash = s.token_hash
          where _jkt is not null
            and o.digest = _digest and o.touched_at is not null and o.expires_at > clock_timestamp()
            for update of o skip locked);
    return found;
end;
$$;

comment on function identity.use_touch(text, bytea, bytea) is
'Uses up a verified touch; false when there is none for this request.';
