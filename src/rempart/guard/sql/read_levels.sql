-- What: the levels of an account's budgets that another, committed transaction took, to its live session's own key.
-- Charges or records: nothing.
-- Called by: rempart_edge, after guard.note_levels.
-- Locks: none.
-- Round trips: one. No row: the cookie and the key open nothing, or nothing was taken yet.
create or replace function guard.read_levels(_token text, _jkt bytea)
returns table (
    kind smallint, bucket smallint, steps_left smallint, steps smallint, burst integer, every bigint, noted_at timestamptz
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
    select l.kind, l.bucket, l.steps_left, l.steps, l.burst, l.every, l.noted_at
      from identity.find_session(_token, _jkt) as s
      cross join lateral identity.keys_of(s.account_id) as o
      join guard.level l
        on (l.kind, l.id) in ((2::smallint, s.account_id), (3::smallint, o.professional_id), (4::smallint, o.site_id))
     where _jkt is not null
       -- What the reader's own transaction took could still be rolled back, and taken again a second later.
       and l.xid is distinct from pg_current_xact_id_if_assigned()
     order by l.bucket, l.kind;
end
$$;

comment on function guard.read_levels(text, bytea) is 'Levels of one''s own budgets, from what is committed.';
