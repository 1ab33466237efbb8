-- What: of the guarantees given to a site, or by one account there, between two instants: how many are claimed, late, waiting, missing.
-- Charges or records: nothing. Counts alone: of nobody, and of nothing that was delivered.
-- Called by: billing.read_unbilled.
-- Locks: none.
-- Round trips: none of its own. One row always. Guarantees that were cancelled do not count.
create or replace function billing.asked_not_billed(_site bigint, _account bigint, _from timestamptz, _until timestamptz)
returns table (given bigint, claimed bigint, late bigint, waiting bigint, missing bigint)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    with used as (
        -- Guarantees that a claim was ever made for, whether one still stands or not.
        select c.engagement_id, min(c.made_at) filter (where c.state <> 'cancelled') as stands_since
          from billing.claim c
         where c.site_id = _site
         group by c.engagement_id
    ), all_given as (
        select e.care_on, e.given_at, e.expires_on, e.account_id, e.authorized, u.stands_since
          from used u
          join billing.engagement e on e.engagement_id = u.engagement_id
         where e.cancelled_at is null
        union all
        select e.care_on, e.given_at, e.expires_on, e.account_id, e.authorized, null
          from billing.engagement e
         where e.site_id = _site and e.used_at is null and e.cancelled_at is null
    )
    select count(*),
           count(g.stands_since),
           -- Billing is due within eight working days (R. 161-47 CSS); two weeks leave room for holidays.
           -- What was agreed to is billed when it is delivered, which nobody but its own last day limits.
           count(*) filter (where not g.authorized and g.stands_since::date > greatest(g.care_on, g.given_at::date) + 14),
           count(*) filter (where g.stands_since is null and g.expires_on >= current_date),
           count(*) filter (where g.stands_since is null and g.expires_on < current_date)
      from all_given g
     where g.given_at >= _from and g.given_at < _until
       and (_account is null or g.account_id = _account);
end
$$;

comment on function billing.asked_not_billed(bigint, bigint, timestamptz, timestamptz) is 'How many guarantees of a site or an account were never claimed.';
