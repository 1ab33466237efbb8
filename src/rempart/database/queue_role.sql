-- The queue's maker names no schema in his SQL: it lands in the first of the path.
set local role rempart_owner;
set local search_path = jobs, pg_catalog;
