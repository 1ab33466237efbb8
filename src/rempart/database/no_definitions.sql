-- Who only calls functions defines nothing: a definition that is refused would have locked its table before.
drop event trigger if exists rempart_no_definition;
create event trigger rempart_no_definition on ddl_command_start execute function foundation.refuse_definition();
