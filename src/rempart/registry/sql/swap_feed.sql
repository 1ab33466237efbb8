-- What: puts the open feed in force, whole: who is in it is covered as it says, who is not is covered until yesterday.
-- Charges or records: registry.coverage of one insurer, the feed's counts; on a refusal the caller rolls back.
-- Called by: rempart_intake, through registry/feed_import.py.
-- Locks: the insurer's covers that change; its feed row, which this transaction made.
-- Round trips: one.
create or replace function registry.swap_feed(_feed_id bigint, _count bigint, _rekey boolean)
returns table (refused_because text, accepted bigint, ended bigint)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
set enable_nestloop = off -- the staged rows have no statistics yet: a loop over a million of them would never end
set work_mem = '64MB'
as $$
declare
    _insurer_id bigint;
    _refused text;
    _part bigint;
    _ended bigint := 0;
begin
    -- 1. The feed is open, and was opened by this transaction.
    select f.insurer_id into _insurer_id
      from registry.feed f
     where f.feed_id = _feed_id and f.state = 'open' and f.opened_xid = pg_current_xact_id_if_assigned();
    if not found or _count is null or _rekey is null then
        raise exception 'no feed is open here' using errcode = 'RP021';
    end if;

    -- 2. It says what a feed may say.
    _refused := registry.refuse_feed(_feed_id, _insurer_id, _count, _rekey);
    if _refused is not null then
        return query select _refused, 0::bigint, 0::bigint;
        return;
    end if;

    -- 3. Of those who are in it, covers that it no longer states go.
    with gone as (
        delete from registry.coverage c
         where c.insurer_id = _insurer_id
           and exists (select from registry.staged_coverage s
                        where s.feed_id = _feed_id and s.person_index = c.person_index)
           and not exists (select from registry.staged_coverage s
                            where s.feed_id = _feed_id and s.person_index = c.person_index
                              and s.cover_rank = c.cover_rank and s.valid_from = c.valid_from)
        returning c.valid_to
    )
    select count(*) filter (where g.valid_to >= current_date) into _part from gone g;
    _ended := _ended + _part;

    -- 4. Of those who are not, covers end yesterday: care of last week may still be asked about. What has
    --    not begun goes, and so does what ended so long ago (31 days, HOSP) that nobody may ask any more.
    with gone as (
        delete from registry.coverage c
         where c.insurer_id = _insurer_id
           and (c.valid_from >= current_date or c.valid_to < current_date - 31)
           and not exists (select from registry.staged_coverage s
                            where s.feed_id = _feed_id and s.person_index = c.person_index)
        returning c.valid_to
    )
    select count(*) filter (where g.valid_to >= current_date) into _part from gone g;
    _ended := _ended + _part;
    update registry.coverage c
       set valid_to = current_date - 1
     where c.insurer_id = _insurer_id and c.valid_to >= current_date
       and not exists (select from registry.staged_coverage s
                        where s.feed_id = _feed_id and s.person_index = c.person_index);
    get diagnostics _part = row_count;
    _ended := _ended + _part;

    -- 5. What it states is so. An unchanged cover is not written again.
    insert into registry.coverage as c (
        insurer_id, person_index, member_reference, plan_id, valid_from, valid_to, cover_rank, card_hash, feed_id)
    select s.insurer_id, s.person_index, s.member_reference, s.plan_id,
           s.valid_from, s.valid_to, s.cover_rank, s.card_hash, s.feed_id
      from registry.staged_coverage s
     where s.feed_id = _feed_id
    on conflict (insurer_id, person_index, cover_rank, valid_from) do update
       set member_reference = excluded.member_reference, plan_id = excluded.plan_id,
           valid_to = excluded.valid_to, card_hash = excluded.card_hash, feed_id = excluded.feed_id
     where (c.member_reference, c.plan_id, c.valid_to, c.card_hash)
           is distinct from (excluded.member_reference, excluded.plan_id, excluded.valid_to, excluded.card_hash);

    -- 6. The staging table is emptied first: once the feed is in force, this transaction has no tenant.
    delete from registry.staged_coverage s where s.feed_id = _feed_id;
    update registry.feed f
       set state = 'in_force', accepted = _count, ended = _ended
     where f.feed_id = _feed_id;
    return query select null::text, _count, _ended;
end
$$;

comment on function registry.swap_feed(bigint, bigint, boolean) is 'Full replacement of an insurer''s covers by the feed that this transaction opened.';
