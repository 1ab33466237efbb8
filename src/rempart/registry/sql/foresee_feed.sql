-- What: counts what a staged feed would do: covers in force or to come before, no longer as stated, and after.
-- Charges or records: nothing.
-- Called by: registry.swap_feed.
-- Locks: none.
-- Round trips: none of its own.
create or replace function registry.foresee_feed(_feed_id bigint, _insurer_id bigint, _is_delta boolean)
returns table (before bigint, ended bigint, after bigint)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    select count(*) into before
      from registry.coverage c
     where c.insurer_id = _insurer_id and c.valid_to >= current_date;

    -- A cover goes on when the feed states one of that person, rank and first day that has not ended.
    select count(*) into ended
      from registry.coverage c
     where c.insurer_id = _insurer_id and c.valid_to >= current_date
       and (not _is_delta
            or exists (select from registry.staged_coverage s
                        where s.feed_id = _feed_id and s.person_index = c.person_index))
       and not exists (select from registry.staged_coverage s
                        where s.feed_id = _feed_id and s.person_index = c.person_index
                          and s.plan_id <> 0 and s.cover_rank = c.cover_rank
                          and s.valid_from = c.valid_from and s.valid_to >= current_date);

    select before - ended + count(*) into after
      from registry.staged_coverage s
     where s.feed_id = _feed_id and s.plan_id <> 0 and s.valid_to >= current_date
       and not exists (select from registry.coverage c
                        where c.insurer_id = _insurer_id and c.person_index = s.person_index
                          and c.cover_rank = s.cover_rank and c.valid_from = s.valid_from
                          and c.valid_to >= current_date);
    return next;
end
$$;

comment on function registry.foresee_feed(bigint, bigint, boolean) is 'Covers in force or to come, before and after a staged feed, and how many it ends.';
