-- What: whether a care date may be asked about at an instant: 8 days back (31 for HOSP) to 31 days ahead, Paris date.
-- Charges or records: nothing.
-- Called by: rights.ask_one.
-- Locks: none.
-- Round trips: none of its own.
create or replace function rights.care_window(_domain text, _care_on date, _at timestamptz) returns boolean
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return coalesce(
        _care_on between (_at at time zone 'Europe/Paris')::date - case when _domain = 'HOSP' then 31 else 8 end
                     and (_at at time zone 'Europe/Paris')::date + 31,
        false);
end
$$;

comment on function rights.care_window(text, date, timestamptz) is 'Care dates that anyone may still ask about.';
