-- A site is shown what it may bill, and what it claimed and was not paid yet: indexes for that. None is on the path of a question
-- without lines: direct guarantees are found by the one that keeps them single (engagement_unused).
set role rempart_owner;

-- squawk-ignore require-concurrent-index-creation
create index authorization_to_bill on billing.engagement (site_id, expires_on)
where authorized and used_at is null and cancelled_at is null;
-- squawk-ignore require-concurrent-index-creation
create index claim_open on billing.claim (site_id, made_at) where state in ('accepted', 'batched', 'returned');
-- squawk-ignore require-concurrent-index-creation
create index claim_cancelled on billing.claim (site_id, cancelled_at) where state = 'cancelled';
