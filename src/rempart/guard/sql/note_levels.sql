-- What: takes the levels of an account's budgets that are to be shown, unless they were taken within the last ten minutes of guard time.
-- Charges or records: the proof; rows of guard.level. Shows nothing: guard.read_levels does, once this is committed.
-- Called by: rempart_edge (My budgets). The account is the session's, never a parameter.
-- Locks: those of identity.proved_reader, then rows of guard.level by kind, id and bucket. Budgets are read without a lock.
-- Round trips: one. Returns why it was refused: session_ended, proof_repeated; NULL when it was not.
create or replace function guard.note_levels(_token text, _jkt bytea, _proof_jti text) returns text
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _me record;
    _now bigint;
begin
    select m.account_id, m.professional_id, m.site_id, m.refused_because into strict _me
      from identity.proved_reader(_token, _jkt, _proof_jti) as m;
    if _me.refused_because is not null then
        return _me.refused_because;
    end if;
    _now := guard.now();
    insert into guard.level as l (kind, id, bucket, steps_left, steps, burst, every, taken_at, noted_at, xid)
    with mine as (
        select k.kind, k.id, v.bucket, v.burst, v.every, v.tat
          from (values (2::smallint, _me.account_id), (3::smallint, _me.professional_id), (4::smallint, _me.site_id)) as k (kind, id)
          join guard.budget b on b.kind = k.kind and b.id = k.id
          cross join lateral (values
              (1::smallint, b.all_burst, b.all_every, b.all_tat), (2::smallint, b.new_burst, b.new_every, b.new_tat),
              (3::smallint, b.fresh_burst, b.fresh_every, b.fresh_tat), (4::smallint, b.typed_burst, b.typed_every, b.typed_tat),
              (5::smallint, b.miss_burst, b.miss_every, b.miss_tat)) as v (bucket, burst, every, tat)
         union all
        -- Exceptions: until the first one, and the first since caps changed, no row has the caps in force (guard.take_exception).
        select k.kind, k.id, 6::smallint,
               case k.kind when 2 then greatest(1, c.burst / t.tenth) else c.burst end,
               case k.kind when 2 then c.every * t.tenth else c.every end, coalesce(b.tat, 0)
          from (values (2::smallint, _me.account_id), (3::smallint, _me.professional_id), (4::smallint, _me.site_id)) as k (kind, id)
          join guard.exception_cap c on c.kind = k.kind
          left join guard.exception_budget b on b.kind = k.kind and b.id = k.id
          cross join (select case when exists (select from guard.eased e where e.account_id = _me.account_id) then 10 else 1 end) as t (tenth)
    )
    -- Whole units that are left, and never a step of fewer than three: but an exception costs the same whoever is asked about.
    select m.kind, m.id, m.bucket, ceil(greatest(0, m.burst - ceil(greatest(m.tat - _now, 0) / m.every::numeric)) * s.steps / m.burst::numeric),
           s.steps, m.burst, m.every, _now, clock_timestamp(), pg_current_xact_id()
      from mine m
      cross join lateral (select greatest(1, least(10, case m.bucket when 6 then m.burst else m.burst / 3 end))::smallint as steps) as s
     where m.every > 0 and m.burst > 0
     order by m.kind, m.id, m.bucket
    on conflict (kind, id, bucket) do update
       set steps_left = excluded.steps_left, steps = excluded.steps, burst = excluded.burst, every = excluded.every,
           taken_at = excluded.taken_at, noted_at = excluded.noted_at, xid = excluded.xid
     where l.taken_at <= excluded.taken_at - 600000000 or l.taken_at > excluded.taken_at;
    return null;
end
$$;

comment on function guard.note_levels(text, bytea, text) is 'Takes the levels that an account is shown, every ten minutes at most.';
