-- What: judges one question before the registry is read: is there anything left, and for whom is this person new.
-- Charges or records: nothing (guard.charge does, once the outcome is known).
-- Called by: rights.ask_one.
-- Locks: none; rights.ask holds the four budget rows.
-- Round trips: none of its own.
create or replace function guard.judge(
    _installation bigint, _account bigint, _professional bigint, _site bigint,
    _asked bytea, _evidence text, _now bigint,
    out ready boolean, out all_left boolean, out admitted boolean, out is_new boolean, out is_fresh boolean
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
    _typed_left boolean;
    _miss_left boolean;
    _since date := current_date - interval '12 months';
begin
    -- 1. Four rows, or nothing: a key without a budget may not ask.
    select count(*) = 4,
           bool_and(greatest(b.all_tat, _now) + b.all_every - _now <= b.all_burst * b.all_every),
           bool_and(greatest(b.new_tat, _now) + b.new_every - _now <= b.new_burst * b.new_every),
           bool_and(greatest(b.fresh_tat, _now) + b.fresh_every - _now <= b.fresh_burst * b.fresh_every),
           bool_and(greatest(b.typed_tat, _now) + b.typed_every - _now <= b.typed_burst * b.typed_every),
           bool_and(greatest(b.miss_tat, _now) + b.miss_every - _now <= b.miss_burst * b.miss_every)
      into ready, all_left, _new_left, _fresh_left, _typed_left, _miss_left
      from guard.budget b
     where (b.kind, b.id) in ((1::smallint, _installation), (2::smallint, _account),
                              (3::smallint, _professional), (4::smallint, _site));
    ready := coalesce(ready, false) and _asked is not null and _evidence in ('typed', 'scan');
    ready := coalesce(ready, false);
    all_left := ready and coalesce(all_left, false);
    if not all_left then
        admitted := false; is_new := true; is_fresh := true;
        return;
    end if;

    -- 2. New and fresh belong to the index asked, not to the member found: the registry is not read.
    is_fresh := not exists (
        select from guard.met m
         where m.holder = 4 and m.holder_id = _site and m.asked = _asked and m.met_on > _since);
    is_new := is_fresh or not exists (
        select from guard.met m
         where m.holder = 2 and m.holder_id = _account and m.asked = _asked and m.met_on > _since);

    -- 3. New to the account, then fresh with one unit of misses in reserve.
    admitted := coalesce(
        (not is_new or _new_left)
        and (not is_fresh or (_fresh_left and _miss_left and (_evidence <> 'typed' or _typed_left))),
        false);
end
$$;

comment on function guard.judge(bigint, bigint, bigint, bigint, bytea, text, bigint) is 'Judges a question by budgets alone, before the registry is read.';
