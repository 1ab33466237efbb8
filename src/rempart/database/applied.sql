-- Whether this database has any migration at all.
select to_regclass('foundation.migration') is not null as exists;
