-- What: how many units of a category somebody has left on a day, and the first day from then on with as many as are wanted.
-- Charges or records: nothing.
-- Called by: billing.authorize.
-- Locks: none of its own; the caller holds the person's turn (billing.take_turns).
-- Round trips: none of its own. Prises en charge count that stand: not cancelled, and good or claimed. next_from is null for never.
create or replace function billing.frequency(
    _asked bytea, _insurer_id bigint, _domain text, _category text, _months smallint, _units smallint,
    _on date, _but bytea, _more integer, _wanted integer, out units_left integer, out next_from date
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _days date[];
    _taken integer[];
    _day date;
    _left integer;
begin
    -- 1. What was taken, and when; of this quote's own lines too.
    select array_agg(t.care_on), array_agg(t.units) into _days, _taken
      from (select u.care_on, u.units::integer
              from billing.frequency_use u
              join billing.engagement e on e.engagement_id = u.engagement_id
             where u.asked = _asked and u.insurer_id = _insurer_id and u.domain = _domain and u.category = _category
               and u.engagement_id is distinct from _but and e.cancelled_at is null
               -- A day more: a claim that is under way at midnight holds it still.
               and (e.expires_on >= current_date - 1
                    or exists (select from billing.claim c
                                where c.engagement_id = e.engagement_id and c.state <> 'cancelled'))
            union all
            select _on, _more where _more > 0) as t (care_on, units);

    -- 2. Of so many months, begun on any day, none may hold more than the units. What is left changes where a use ends to count.
    for _day in
        select _on
         union
        select (d + make_interval(months => _months))::date from unnest(_days) d where d + make_interval(months => _months) > _on
         order by 1
    loop
        select _units - coalesce(max(w.held), 0) into _left
          from (select (select sum(t.units) from unnest(_days, _taken) as t (used_on, units)
                         where t.used_on >= b.begins and t.used_on < b.begins + make_interval(months => _months)) as held
                  from (select _day union select d from unnest(_days) d) as b (begins)
                 where b.begins <= _day and _day < b.begins + make_interval(months => _months)) as w;
        units_left := coalesce(units_left, greatest(_left, 0));
        if _left >= _wanted then
            next_from := _day;
            exit;
        end if;
    end loop;
end
$$;

comment on function billing.frequency(bytea, bigint, text, text, smallint, smallint, date, bytea, integer, integer) is 'What is left of somebody''s frequency on a day, and when there is enough again.';
