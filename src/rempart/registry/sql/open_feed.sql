-- What: opens an insurer's feed, or goes on with the same file where it was, for whoever knows the token.
-- Charges or records: one row of registry.feed_work; an unfinished feed of another file loses its row.
-- Called by: rempart_intake, through registry/feed_import.py.
-- Locks: the insurer's row, then its row of registry.feed_work (passed over when somebody is at work on it).
-- Round trips: one.
create or replace function registry.open_feed(
    _amc text, _kind text, _made_at timestamptz, _file_digest bytea, _due bigint, _token_hash bytea
) returns table (
    refused_because text, feed_id bigint, staged bigint, plan_codes text[], plan_ids bigint[],
    accepted bigint, ended bigint, generations smallint[]
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer_id bigint := registry.insurer_served(_amc);
    _last timestamptz;
    _work registry.feed_work;
begin
    generations := registry.feed_generations();
    if _insurer_id is null then
        refused_because := 'insurer_unknown';
        return next;
        return;
    end if;
    -- One at a time from here on: what follows looks and then writes.
    perform from registry.insurer i where i.insurer_id = _insurer_id for no key update;

    -- 1. What was put in force was: the same file again changes nothing, whatever came after it.
    select 'in_force', f.feed_id, f.accepted, f.ended into refused_because, feed_id, accepted, ended
      from registry.feed f
     where f.insurer_id = _insurer_id and f.state = 'in_force' and f.made_at = _made_at and f.file_digest = _file_digest
     order by f.feed_id desc limit 1;
    if found then
        return next;
        return;
    end if;
    select max(f.made_at) into _last from registry.feed f
     where f.insurer_id = _insurer_id and f.state = 'in_force';
    if _last >= _made_at then
        refused_because := 'older_than_the_last';
        return next;
        return;
    end if;

    -- 2. Somebody may be at work: his transaction holds the row, or ended a moment ago.
    if exists (select from registry.feed_work w where w.insurer_id = _insurer_id and w.kind <> 'end') then
        select w.* into _work from registry.feed_work w
         where w.insurer_id = _insurer_id and w.kind <> 'end' for update skip locked;
        if not found or _work.worked_at > clock_timestamp() - interval '15 seconds' then
            refused_because := 'feed_under_way';
            return next;
            return;
        end if;
    end if;

    -- 3. The same file goes on, under the same keys; the server's crash emptied the staging table, so the rows are counted.
    if (_work.kind, _work.made_at, _work.file_digest, _work.due, _work.generation) = (_kind, _made_at, _file_digest, _due, generations[1]) then
        feed_id := _work.feed_id;
        update registry.feed_work w
           set token_hash = _token_hash, work_xid = pg_current_xact_id(), worked_at = clock_timestamp()
         where w.feed_id = _work.feed_id;
        select count(*) into staged from registry.staged_coverage s where s.feed_id = _work.feed_id;
        if staged <> _work.staged then
            delete from registry.staged_coverage s where s.feed_id = _work.feed_id;
            update registry.feed_work w set staged = 0 where w.feed_id = _work.feed_id;
            staged := 0;
        end if;
    else
        delete from registry.feed_work w where w.feed_id = _work.feed_id;
        feed_id := nextval('registry.feed_feed_id_seq');
        staged := 0;
        insert into registry.feed_work (feed_id, insurer_id, kind, made_at, file_digest, due, token_hash, generation)
        values (feed_id, _insurer_id, _kind, _made_at, _file_digest, _due, _token_hash, generations[1]);
    end if;
    select coalesce(array_agg(p.code order by p.code), '{}'), coalesce(array_agg(p.plan_id order by p.code), '{}')
      into plan_codes, plan_ids
      from registry.plan p
     where p.insurer_id = _insurer_id;
    return next;
end
$$;

comment on function registry.open_feed(text, text, timestamptz, bytea, bigint, bytea) is 'Opens a feed or goes on with it; gives what is staged already, the insurer''s plans, and the generations of index keys to hash under.';
