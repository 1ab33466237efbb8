-- An account's own questions are read newest first, page by page.
set role rempart_owner;

-- squawk-ignore require-concurrent-index-creation
create index payload_account on journal.payload (account_id, recorded_at);
