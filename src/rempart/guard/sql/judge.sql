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
    _new_left boolean;
    _fresh_left boolean;
    _met_here date;
    _met_mine date;
    _some_channel_closed boolean;
begin
    select -- Four rows that bound what they must, or nothing: a key without its budget may not ask.
           _asked is not null and _evidence in ('typed', 'scan', 'exception')
           and i.all_every > 0 and a.all_every > 0 and s.all_every > 0 and a.new_every > 0 and a.typed_every > 0
           and a.fresh_every > 0 and p.fresh_every > 0 and s.fresh_every > 0 and a.miss_every > 0 and p.miss_every > 0,
           guard.has_one(i.all_tat, i.all_every, i.all_burst, _now)
           and guard.has_one(a.all_tat, a.all_every, a.all_burst, _now)
           and guard.has_one(p.all_tat, p.all_every, p.all_burst, _now)
           and guard.has_one(s.all_tat, s.all_every, s.all_burst, _now),
           guard.has_one(a.new_tat, a.new_every, a.new_burst, _now)
           and guard.has_one(p.new_tat, p.new_every, p.new_burst, _now)
           and guard.has_one(s.new_tat, s.new_every, s.new_burst, _now),
           guard.has_one(a.fresh_tat, a.fresh_every, a.fresh_burst, _now)
           and guard.has_one(p.fresh_tat, p.fresh_every, p.fresh_burst, _now)
           and guard.has_one(s.fresh_tat, s.fresh_every, s.fresh_burst, _now)
           -- One unit of misses in reserve.
           and guard.has_one(a.miss_tat, a.miss_every, a.miss_burst, _now)
           and guard.has_one(p.miss_tat, p.miss_every, p.miss_burst, _now)
           and guard.has_one(s.miss_tat, s.miss_every, s.miss_burst, _now)
           and (_evidence <> 'typed'
                or (guard.has_one(a.typed_tat, a.typed_every, a.typed_burst, _now)
                    and guard.has_one(p.typed_tat, p.typed_every, p.typed_burst, _now)
                    and guard.has_one(s.typed_tat, s.typed_every, s.typed_burst, _now))),
           -- New and fresh belong to the index asked, not to the member found: the registry is not read.
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
      into ready, all_left, _new_left, _fresh_left, _met_here, _met_mine, closed, _some_channel_closed
      from guard.budget i, guard.budget a, guard.budget p, guard.budget s
     where i.kind = 1 and i.id = _installation and a.kind = 2 and a.id = _account
       and p.kind = 3 and p.id = _professional and s.kind = 4 and s.id = _site;
    ready := coalesce(ready, false);
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
