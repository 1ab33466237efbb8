-- What: charges the buckets that an outcome costs, on every key that bounds them, and notes who was asked about.
-- Charges or records: the units named; returns them as the entry stores them. guard.met, when an index is given: hit or miss alike.
-- Called by: rights.ask_one and rights.note_broken, after guard.judge in the same transaction.
-- Locks: rows of guard.met of this site and account; the caller holds the four budget rows.
-- Round trips: none of its own.
create or replace function guard.charge(
    _installation bigint, _account bigint, _professional bigint, _site bigint, _now bigint, _asked bytea,
    _new boolean, _fresh boolean, _typed boolean, _miss boolean
) returns bytea
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _b guard.budget;
    -- By kind of key, the order of an entry's charges, in whatever order the rows come.
    _packed bytea[] := array['', '', '', ''];
    _charges bytea;
begin
    for _b in
        update guard.budget b
           set all_tat = case when b.all_every > 0 then greatest(b.all_tat, _now) + b.all_every else b.all_tat end,
               new_tat = case when _new and b.new_every > 0 then greatest(b.new_tat, _now) + b.new_every else b.new_tat end,
               fresh_tat = case when _fresh and b.fresh_every > 0 then greatest(b.fresh_tat, _now) + b.fresh_every else b.fresh_tat end,
               typed_tat = case when _typed and b.typed_every > 0 then greatest(b.typed_tat, _now) + b.typed_every else b.typed_tat end,
               miss_tat = case when _miss and b.miss_every > 0 then greatest(b.miss_tat, _now) + b.miss_every else b.miss_tat end
          from (values (1::smallint, _installation), (2::smallint, _account),
                       (3::smallint, _professional), (4::smallint, _site)) as k (kind, id)
         where b.kind = k.kind and b.id = k.id
        returning b.*
    loop
        _packed[_b.kind] :=
            case when _b.all_every > 0 then guard.charged(_b.kind, _b.id, 1::smallint, 1::smallint, _b.all_burst, _b.all_every, _b.all_tat) else '' end
            || case when _new and _b.new_every > 0 then guard.charged(_b.kind, _b.id, 2::smallint, 1::smallint, _b.new_burst, _b.new_every, _b.new_tat) else '' end
            || case when _fresh and _b.fresh_every > 0 then guard.charged(_b.kind, _b.id, 3::smallint, 1::smallint, _b.fresh_burst, _b.fresh_every, _b.fresh_tat) else '' end
            || case when _typed and _b.typed_every > 0 then guard.charged(_b.kind, _b.id, 4::smallint, 1::smallint, _b.typed_burst, _b.typed_every, _b.typed_tat) else '' end
            || case when _miss and _b.miss_every > 0 then guard.charged(_b.kind, _b.id, 5::smallint, 1::smallint, _b.miss_burst, _b.miss_every, _b.miss_tat) else '' end;
    end loop;
    _charges := _packed[1] || _packed[2] || _packed[3] || _packed[4];
    if _charges is null or octet_length(_charges) = 0 then
        raise exception 'nothing was charged' using errcode = 'RP503';
    end if;
    if _asked is not null then
        -- The date moves at most once a month.
        insert into guard.met as m (holder, holder_id, asked, met_on)
        values (2, _account, _asked, current_date), (4, _site, _asked, current_date)
        on conflict (holder, holder_id, asked) do update
           set met_on = excluded.met_on
         where m.met_on < date_trunc('month', excluded.met_on)::date;
    end if;
    return _charges;
end
$$;

comment on function guard.charge(bigint, bigint, bigint, bigint, bigint, bytea, boolean, boolean, boolean, boolean) is 'Charges all questions and the buckets named, notes who was met; returns what was charged, as bytes.';
