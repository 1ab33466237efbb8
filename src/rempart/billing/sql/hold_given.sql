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
    -- A limit keeps each look-up to itself, by its index: a join's plan, made while the table was small, would read all of it.
    perform l.engagement_id
       from (select g.engagement_id
               from unnest(_ids) q (id)
              cross join lateral (select e.engagement_id from billing.engagement e where e.engagement_id = q.id limit 1) g
              union
             select g.engagement_id
               from unnest(_hashes) q (hash)
              cross join lateral (select e.engagement_id from billing.engagement e where e.number_hash = q.hash limit 1) g
              union
             select g.engagement_id
               from unnest(_sites, _asked, _domains, _care_on) q (site_id, asked, domain, care_on)
              cross join lateral (select e.engagement_id
                                    from billing.engagement e
                                   where e.site_id = q.site_id and e.asked = q.asked and e.domain = q.domain and e.care_on = q.care_on
                                     and e.used_at is null and e.cancelled_at is null and not e.authorized limit 1) g
              order by 1) h
      cross join lateral (select e.engagement_id
                            from billing.engagement e
                           where e.engagement_id = h.engagement_id
                           limit 1
                             for no key update) l;
end
$$;

comment on function billing.hold_given(bytea[], bytea[], bigint[], bytea[], text[], date[]) is 'Waits for whoever holds a guarantee that a question could run into, covered or not.';
