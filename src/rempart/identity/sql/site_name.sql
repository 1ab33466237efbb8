-- What: the number and the label of a site.
-- Charges or records: nothing.
-- Called by: billing.read_transfers, billing.list_waiting, billing.take_return, billing.notice, billing.statement, billing.received, billing.list_disputed.
-- Locks: none.
-- Round trips: none of its own.
create or replace function identity.site_name(_site bigint) returns table (identifier text, label text)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    select s.identifier, s.label from identity.site s where s.site_id = _site
$$;

comment on function identity.site_name(bigint) is 'A site''s number and label.';
