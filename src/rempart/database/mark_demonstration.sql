-- Unsafe conveniences (printing a role's address, say) work on a marked database only.
insert into foundation.mark (kind) values ('demonstration') on conflict do nothing;
