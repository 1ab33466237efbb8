-- What: puts an officer and the key with which he signs on record; from the third on, two officers must have signed that.
-- Charges or records: an entry of kind hold, action add, in the same transaction.
-- Called by: rempart_desk (rempart officer add).
-- Locks: guard.gate against other moves, then journal.head of the platform.
-- Round trips: one. Refusals: author_not_valid, key_not_valid, officer_exists, key_retired, and those of guard.use_nonce.
create or replace function guard.add_officer(
    _name text, _key bytea, _nonce bytea, _signers text[], _signatures bytea[]
)
returns table (refused_because text, added_at timestamptz)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
#variable_conflict use_column
declare
    _used record;
begin
    perform set_config('synchronous_commit', 'on', true);
    lock table guard.gate in share row exclusive mode;
    refused_because := case
        when not coalesce(_name ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$', false) then 'author_not_valid'
        when octet_length(_key) is distinct from 32 then 'key_not_valid'
        when exists (select from guard.officer o where o.name = _name or o.public_key = _key) then 'officer_exists'
        when exists (select from guard.retired_key r where r.public_key = _key) then 'key_retired' end;
    if refused_because is null then
        select * into strict _used
          from guard.use_nonce(_nonce, _signers, _signatures,
                               case when (select count(*) from guard.officer) < 2 then 0 else 2 end);
        refused_because := _used.refused_because;
    end if;
    if refused_because is null then
        insert into guard.officer as o (name, public_key, added_at)
        values (_name, _key, clock_timestamp())
        returning o.added_at into added_at;
        perform journal.record_gate('hold', guard.now(), 'add', 'officer', _name, '', '', _used.good_until, _nonce, _key, _signers, _used.keys, _signatures);
    end if;
    return next;
end
$$;

comment on function guard.add_officer(text, bytea, bytea, text[], bytea[]) is 'Puts an officer on record.';
