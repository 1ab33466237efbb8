-- Roles belong to the whole cluster, the installer's advisory lock to one database: two installs take turns here.
lock table pg_catalog.pg_authid in share row exclusive mode;
