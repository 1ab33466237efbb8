-- One installer at a time; a held lock is waited for, not for ever.
set lock_timeout = '20s';
set statement_timeout = '60s';
set check_function_bodies = off;
select pg_catalog.pg_advisory_lock(7236270011);
