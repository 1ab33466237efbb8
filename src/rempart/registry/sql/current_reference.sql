-- What: leads from a reference of any time to the one that the same member has now.
-- Charges or records: nothing.
-- Called by: registry.end_member.
-- Locks: none.
-- Round trips: none of its own.
create or replace function registry.current_reference(_insurer_id bigint, _member_reference bytea) returns bytea
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return coalesce((select f.current
                       from registry.former_reference f
                      where f.insurer_id = _insurer_id and f.former = _member_reference), _member_reference);
end
$$;

comment on function registry.current_reference(bigint, bytea) is 'The reference of a member now, for one that he has or had; itself when it is unknown.';
