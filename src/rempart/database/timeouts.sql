-- A change of schema gives up rather than make questions queue behind it.
set local lock_timeout = '4s';
set local statement_timeout = '20s';
set local check_function_bodies = off;
