-- What: puts a staged feed in force, whole, or only says what that would do.
-- Charges or records: registry.coverage, departed and former_reference of one insurer, one row of registry.feed; the feed's row of feed_work goes, and those of ends long before.
-- Called by: rempart_intake, through registry/feed_import.py.
-- Locks: the feed's row of registry.feed_work, the insurer's row, then the insurer's covers that change.
-- Round trips: one.
create or replace function registry.swap_feed(
    _feed_id bigint, _token bytea, _only_look boolean, _rekey boolean, _confirm boolean, _may_rename boolean
) returns table (refused_because text, accepted bigint, before bigint, ended bigint, after bigint, renamed bigint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint := registry.work_on_feed(_feed_id, _token);
    _work registry.feed_work;
    _is_delta boolean;
    _clocks_may_differ constant interval := '1 hour'; -- as rempart.registry.feed_file lets a feed's clock be ahead
    _share_bp integer;
begin
    select w.* into strict _work from registry.feed_work w where w.feed_id = _feed_id;
    _is_delta := _work.kind = 'delta';
    -- The staged rows have no statistics: a loop over a million of them would never end, and for a few
    -- a hash of all covers would take longer than a loop, but where nobody counted the covers yet: a first feed's,
    -- until autovacuum comes by, look like few, and a loop would read them all for each line. For this transaction alone.
    perform set_config('enable_nestloop', case when _work.due > 1000 or c.reltuples < 0 then 'off' else 'on' end, true),
            set_config('work_mem', '64MB', true)
       from pg_class c where c.oid = 'registry.coverage'::regclass;

    -- 1. It says what a feed may say, and ends no more than it may. References are renamed for that: when it is
    --    refused, or only looked at, they are as they were.
    accepted := _work.due;
    refused_because := registry.refuse_feed(_feed_id, _insurer_id, _work.due, _is_delta);
    select i.ending_share_bp into strict _share_bp
      from registry.insurer i where i.insurer_id = _insurer_id for no key update;
    begin
        if refused_because is null and _work.generation <> all (registry.live_generations()) then
            refused_because := 'index_keys_turned'; -- while it was staged
        end if;
        if refused_because is null then
            perform registry.turn_indexes(_feed_id, _insurer_id, _work.generation);
            select r.refused_because, r.renamed into refused_because, renamed
              from registry.refuse_references(_feed_id, _insurer_id, _rekey, _work.mapped) r;
        end if;
        if refused_because is null then
            select f.before, f.ended, f.after into strict before, ended, after
              from registry.foresee_feed(_feed_id, _insurer_id, _is_delta) f;
            if exists (select from registry.feed f
                        where f.insurer_id = _insurer_id and f.state = 'in_force' and f.made_at >= _work.made_at) then
                refused_because := 'older_than_the_last'; -- one person was ended since it was opened
            elsif exists (select from registry.feed_work e
                            join registry.staged_coverage s
                              on s.member_reference = registry.current_reference(_insurer_id, e.ended_reference)
                           where e.insurer_id = _insurer_id and e.kind = 'end' and e.worked_at > _work.made_at - _clocks_may_differ
                             and s.feed_id = _feed_id and s.plan_id <> 0 and s.valid_to > e.last_day) then
                refused_because := 'undoes_an_end';
            elsif not _confirm and ended * 10000 > before * _share_bp and not (_is_delta and accepted = 1) then
                refused_because := 'ends_many';
            elsif renamed > 0 and not _may_rename then
                refused_because := 'renames';
            end if;
        end if;
        if refused_because is not null or _only_look then
            raise exception 'as it was' using errcode = 'RP024';
        end if;
    exception when sqlstate 'RP024' then
        return next;
        return;
    end;

    -- 2. What it states is so. An unchanged cover is not written again. It comes before anything goes, so that nobody who
    --    only has other covers is taken for one who left; and whoever had left and is covered again has come back.
    insert into registry.coverage as c (
        insurer_id, person_index, member_reference, plan_id, valid_from, valid_to, cover_rank, card_hash, feed_id, generation)
    select s.insurer_id, s.person_index, s.member_reference, s.plan_id,
           s.valid_from, s.valid_to, s.cover_rank, s.card_hash, s.feed_id, _work.generation
      from registry.staged_coverage s
     where s.feed_id = _feed_id and s.plan_id <> 0
    on conflict (insurer_id, person_index, cover_rank, valid_from) do update
       set member_reference = excluded.member_reference, plan_id = excluded.plan_id,
           valid_to = excluded.valid_to, card_hash = excluded.card_hash, feed_id = excluded.feed_id
     where (c.member_reference, c.plan_id, c.valid_to, c.card_hash)
           is distinct from (excluded.member_reference, excluded.plan_id, excluded.valid_to, excluded.card_hash);
    delete from registry.departed d
     where d.insurer_id = _insurer_id
       and exists (select from registry.staged_coverage s
                    where s.feed_id = _feed_id and s.plan_id <> 0 and s.person_index = d.person_index);

    -- 3. Of those who are in it, covers that it no longer states go. Who is ended keeps his past. Who has none left is
    --    remembered, here as elsewhere (registry.note_departed). What has this feed's number it states, or renamed.
    delete from registry.coverage c
     where c.insurer_id = _insurer_id and (renamed > 0 or c.feed_id <> _feed_id)
       and exists (select from registry.staged_coverage s
                    where s.feed_id = _feed_id and s.person_index = c.person_index
                      and (s.plan_id <> 0 or s.valid_to < c.valid_from))
       and not exists (select from registry.staged_coverage s
                        where s.feed_id = _feed_id and s.person_index = c.person_index
                          and s.plan_id <> 0
                          and s.cover_rank = c.cover_rank and s.valid_from = c.valid_from);
    if _is_delta then
        update registry.coverage c
           set valid_to = s.valid_to, feed_id = _feed_id
          from registry.staged_coverage s
         where s.feed_id = _feed_id and s.plan_id = 0
           and c.insurer_id = _insurer_id and c.person_index = s.person_index and c.valid_to > s.valid_to;
    else
        -- 4. Of those who are not, covers end yesterday: care of last week may still be asked about. What has
        --    not begun goes, and so does what ended so long ago (31 days, HOSP) that nobody may ask any more.
        delete from registry.coverage c
         where c.insurer_id = _insurer_id and c.feed_id <> _feed_id
           and (c.valid_from >= current_date or c.valid_to < current_date - 31)
           and not exists (select from registry.staged_coverage s
                            where s.feed_id = _feed_id and s.person_index = c.person_index);
        update registry.coverage c
           set valid_to = current_date - 1
         where c.insurer_id = _insurer_id and c.feed_id <> _feed_id and c.valid_to >= current_date
           and not exists (select from registry.staged_coverage s
                            where s.feed_id = _feed_id and s.person_index = c.person_index);
    end if;

    -- 5. It is in force. Without its row of feed_work this transaction has no tenant any more; what was
    --    staged is cleared by whoever comes next.
    insert into registry.feed (
        feed_id, insurer_id, opened_xid, state, made_at, file_digest, accepted, ended)
    overriding system value
    values (_feed_id, _insurer_id, pg_current_xact_id(), 'in_force', _work.made_at, _work.file_digest, accepted, ended);
    delete from registry.feed_work w
     where w.feed_id = _feed_id
        or (w.insurer_id = _insurer_id and w.kind = 'end' and w.worked_at <= _work.made_at - _clocks_may_differ);
    return next;
end
$$;

comment on function registry.swap_feed(bigint, bytea, boolean, boolean, boolean, boolean) is 'Puts a staged feed in force in this transaction, or says what that would do.';
