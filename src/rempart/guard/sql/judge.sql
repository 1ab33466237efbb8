-- What: judges one question before the registry is read: is anything closed, is there anything left, for whom is this person new.
-- Charges or records: nothing (guard.charge does, once the outcome is known).
-- Called by: rights.ask_one, rights.note_broken.
-- Locks: none; the caller holds the four budget rows.
-- Round trips: none of its own.
create or replace function guard.judge(
    _installation bigint, _account bigint, _professional bigint, _site bigint, _insurer bigint,
    _asked bytea, _evidence text, _now bigint,
    out ready boolean, out all_left boolean, out closed boolean, out admitted boolean, out is_new boolean, out is_fresh boolean
)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _b guard.budget;
    _keys integer := 0;
    _new_left boolean := true;
    _fresh_left boolean := true;
    _met_here date;
    _met_mine date;
    _some_channel_closed boolean;
begin
    all_left := true;
    ready := _asked is not null and _evidence in ('typed', 'scan', 'exception');
    -- Rows are read plain and judged here: an expression of this function is made ready once a transaction, one of a
    -- statement at each run.
    for _b in
        select b.*
          from (values (1::smallint, _installation), (2::smallint, _account),
                       (3::smallint, _professional), (4::smallint, _site)) as k (kind, id)
          join guard.budget b on b.kind = k.kind and b.id = k.id
    loop
        -- Four rows that bound what they must, or nothing: a key without its budget may not ask.
        _keys := _keys + 1;
        ready := ready and case _b.kind
            when 1 then _b.all_every
            when 2 then least(_b.all_every, _b.new_every, _b.fresh_every, _b.typed_every, _b.miss_every)
            when 3 then least(_b.fresh_every, _b.miss_every)
            else least(_b.all_every, _b.fresh_every) end > 0;
        all_left := all_left and guard.has_one(_b.all_tat, _b.all_every, _b.all_burst, _now);
        -- An installation bounds all questions alone.
        if _b.kind > 1 then
            _new_left := _new_left and guard.has_one(_b.new_tat, _b.new_every, _b.new_burst, _now);
            _fresh_left := _fresh_left and guard.has_one(_b.fresh_tat, _b.fresh_every, _b.fresh_burst, _now)
                -- One unit of misses in reserve.
                and guard.has_one(_b.miss_tat, _b.miss_every, _b.miss_burst, _now)
                and (_evidence <> 'typed' or guard.has_one(_b.typed_tat, _b.typed_every, _b.typed_burst, _now));
        end if;
    end loop;
    select -- New and fresh belong to the index asked, not to the member found: the registry is not read.
           (select m.met_on from guard.met m where m.holder = 4 and m.holder_id = _site and m.asked = _asked),
           (select m.met_on from guard.met m where m.holder = 2 and m.holder_id = _account and m.asked = _asked),
           -- A gate on any scope of this question, or a hold.
           exists (
               select
                 from (values
                          ('platform', 0::bigint),
                          ('grade', case _evidence when 'typed' then 1::bigint when 'scan' then 2::bigint when 'exception' then 3::bigint end),
                          ('account', _account), ('professional', _professional), ('site', _site),
                          ('client', _installation), ('insurer', _insurer)
                      ) as c (scope, key)
                 join guard.gate g on g.scope = c.scope and g.key = c.key
                where g.until > clock_timestamp()
           ) or exists (select from guard.hold h where h.account_id = _account),
           exists (select from guard.gate g where g.scope = 'channel' and g.until > clock_timestamp())
      into _met_here, _met_mine, closed, _some_channel_closed;
    ready := coalesce(ready and _keys = 4, false);
    all_left := ready and coalesce(all_left, false);
    closed := coalesce(closed, true);
    -- By which channel it was asked is looked up only while one is closed.
    if _some_channel_closed and not closed then
        closed := coalesce((
            select bool_or(g.key = identity.channel_of(_installation))
              from guard.gate g where g.scope = 'channel' and g.until > clock_timestamp()), true);
    end if;
    is_fresh := (_met_here > current_date - interval '12 months') is not true;
    is_new := is_fresh or (_met_mine > current_date - interval '12 months') is not true;
    -- New to the account, then fresh.
    admitted := coalesce(all_left and (not is_new or _new_left) and (not is_fresh or _fresh_left), false);
end
$$;

comment on function guard.judge(bigint, bigint, bigint, bigint, bigint, bytea, text, bigint) is 'Judges a question by gates, holds and budgets alone, before the registry is read.';
