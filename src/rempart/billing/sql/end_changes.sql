-- What: ends changes of bank details that still waited when a copy was made: whether they were cancelled since, the copy does not know.
-- Charges or records: the rows of billing.bank_detail say that they were cancelled then; returns whose they are.
-- Called by: foundation.restore.
-- Locks: those rows.
-- Round trips: none of its own. The old one goes on being paid; whoever wants the change states it again, and it waits.
create or replace function billing.end_changes(_copy_at timestamptz) returns text[]
language sql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    with ended as (
        update billing.bank_detail b set cancelled_at = greatest(b.stated_at, least(_copy_at, b.effective_at - interval '1 second'))
         where b.cancelled_at is null and b.effective_at > b.stated_at and b.effective_at > _copy_at
        returning b.site_id)
    select coalesce(array_agg(n.identifier order by n.identifier), '{}')
      from ended e cross join lateral identity.site_name(e.site_id) as n
$$;

comment on function billing.end_changes(timestamptz) is 'Ends changes of bank details that waited in a copy.';
