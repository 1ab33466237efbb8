-- What: holds every guarantee that a batch's questions could run into, before anybody is looked for: whoever is covered waits no longer.
-- Charges or records: nothing.
-- Called by: rights.ask_batch, after its locks on numbers.
-- Locks: rows of billing.engagement by number drawn, by number that a quote amends, or by site, person, domain and date; sorted.
-- Round trips: none of its own. One element a question in each list; a guarantee that a claim holds is waited for.
create or replace function billing.hold_given(
    _ids bytea[], _hashes bytea[], _sites bigint[], _asked bytea[], _domains text[], _care_on date[]
) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    perform e.engagement_id
       from billing.engagement e
      where e.engagement_id = any (array(
                select g.engagement_id from unnest(_ids) q (id) join billing.engagement g on g.engagement_id = q.id
                 union
                select g.engagement_id from unnest(_hashes) q (hash) join billing.engagement g on g.number_hash = q.hash
                 union
                select g.engagement_id
                  from unnest(_sites, _asked, _domains, _care_on) q (site_id, asked, domain, care_on)
                  join billing.engagement g
                    on g.site_id = q.site_id and g.asked = q.asked and g.domain = q.domain and g.care_on = q.care_on
                   and g.used_at is null and g.cancelled_at is null and not g.authorized))
      order by e.engagement_id
        for no key update;
end
$$;

comment on function billing.hold_given(bytea[], bytea[], bigint[], bytea[], text[], date[]) is 'Waits for whoever holds a guarantee that a question could run into, covered or not.';
