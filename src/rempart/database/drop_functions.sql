-- Functions are replaced whole. Trigger functions stay: they are replaced in place, so no month is ever unguarded.
do $$
declare
    _function record;
begin
    for _function in
        select p.oid::regprocedure as name
          from pg_catalog.pg_proc p
          join pg_catalog.pg_namespace n on n.oid = p.pronamespace
         where n.nspname in ('foundation', 'identity', 'registry', 'guard', 'billing', 'journal', 'rights', 'intake')
           and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    loop
        execute format('drop routine %s', _function.name);
    end loop;
end
$$;
