-- What: takes an officer and his key off the record, on the signatures of two others; the key never comes back.
-- Charges or records: an entry of kind hold, action remove, in the same transaction.
-- Called by: rempart_desk (rempart officer remove), which has checked the signatures; journal verify checks them again.
-- Locks: guard.gate against other moves, then journal.head of the platform.
-- Round trips: one. Refusals: officer_unknown, reason_not_plain, and those of guard.use_nonce.
create or replace function guard.remove_officer(
    _name text, _reason text, _nonce bytea, _signers text[], _signatures bytea[]
)
returns table (refused_because text, removed_at timestamptz)
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
        when not exists (select from guard.officer o where o.name = _name) then 'officer_unknown'
        when not guard.plain_reason(_reason) then 'reason_not_plain'
        -- Two others: who removes himself would let one officer alone decide who the two are.
        when _name = any(_signers) then 'officers_needed' end;
    if refused_because is null then
        select * into strict _used from guard.use_nonce(_nonce, _signers, _signatures, 2);
        refused_because := _used.refused_because;
    end if;
    if refused_because is null then
        removed_at := clock_timestamp();
        with removed as (delete from guard.officer o where o.name = _name returning o.name, o.public_key)
        insert into guard.retired_key (public_key, name, retired_at)
        select r.public_key, r.name, removed_at from removed r;
        perform journal.record_gate('hold', guard.now(), 'remove', 'officer', _name, _reason, '', _used.good_until, _nonce, null, _signers, _used.keys, _signatures);
    end if;
    return next;
end
$$;

comment on function guard.remove_officer(text, text, bytea, text[], bytea[]) is 'Takes an officer off the record.';
