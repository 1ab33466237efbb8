-- What: draws a nonce for one order that officers are to sign; good for a day.
-- Charges or records: one row of guard.nonce; those past their time go.
-- Called by: rempart_desk (rempart hold, rempart officer add).
-- Locks: none that anybody waits for.
-- Round trips: one.
create or replace function guard.draw_nonce() returns table (nonce bytea, good_until timestamptz)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
#variable_conflict use_column
begin
    delete from guard.nonce n where n.good_until < clock_timestamp();
    return query
        insert into guard.nonce as n (nonce, good_until)
        values (uuid_send(gen_random_uuid()), clock_timestamp() + interval '1 day')
        returning n.nonce, n.good_until;
end
$$;

comment on function guard.draw_nonce() is 'A nonce for one signed order.';
