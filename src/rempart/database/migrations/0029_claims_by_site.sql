-- Claims of a site, found without reading everybody's: what was asked and never billed.
set role rempart_owner;

-- squawk-ignore require-concurrent-index-creation
create index claim_of_a_site on billing.claim (site_id);
