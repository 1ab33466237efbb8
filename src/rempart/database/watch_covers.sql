-- Who deletes a cover need not know who left by it: the table itself remembers. Run by the migrator at each upgrade; idempotent.
do $$
begin
    if not exists (select from pg_catalog.pg_trigger t
                    where t.tgrelid = 'registry.coverage'::regclass and t.tgname = 'remember_departed') then
        create trigger remember_departed after delete on registry.coverage
            referencing old table as gone
            for each statement execute function registry.note_departed();
    end if;
end
$$;
