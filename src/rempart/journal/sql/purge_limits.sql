-- What: what is erased now, and until which date: the one place where the periods stand (docs/purge.md has their reasons).
-- Charges or records: nothing.
-- Called by: journal.open_purge, journal.foresee_purge.
-- Locks: none.
-- Round trips: none of its own.
create or replace function journal.purge_limits(_at timestamptz, _payload_months integer)
returns table (place smallint, what text, policy text, before date)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
    -- The Paris date of an hour ago: a question that was begun before midnight still finds what it may ask about.
    with day as (select ((_at - interval '1 hour') at time zone 'Europe/Paris')::date as today)
    select l.place::smallint, l.what, l.policy, l.before::date
      from day
           cross join lateral (values
               -- The last care date that anybody may ask about: rights.care_window, HOSP.
               (1, 'cover', 'P31D', day.today - 31),
               -- met_on moves once a month: what was last used in a month is kept for twelve months after its end.
               (2, 'met', 'P12M', date_trunc('month', day.today - interval '12 months')),
               (3, 'payload', 'P' || _payload_months || 'M', day.today - make_interval(months => _payload_months)),
               (4, 'reference', 'P' || _payload_months || 'M', day.today - make_interval(months => _payload_months)),
               (5, 'staged', 'P7D', day.today - 7),
               -- A month more than who was met is kept at the most.
               (6, 'departed', 'P14M', day.today - interval '14 months'),
               -- Health data: what was delivered, in clear and sealed, and what was agreed to.
               (7, 'claim_line', 'P6M', day.today - interval '6 months'),
               (8, 'sealed_lines', 'P6M', day.today - interval '6 months'),
               (9, 'authorized_line', 'P6M', day.today - interval '6 months'),
               (10, 'frequency_use', 'P31D', day.today - 31),
               (11, 'cancelled_iban', 'P1M', day.today - interval '1 month'),
               (12, 'replaced_iban', 'P13M', day.today - interval '13 months'),
               -- What keys leave that have ended, today's end included: nobody is found by it from then on.
               (13, 'turned_cover', 'P0D', (_at at time zone 'Europe/Paris')::date + 1),
               (14, 'turned_departed', 'P0D', (_at at time zone 'Europe/Paris')::date + 1)
           ) as l (place, what, policy, before)
     where _payload_months between 6 and 60
     order by l.place
$$;

comment on function journal.purge_limits(timestamptz, integer) is 'What is erased at an instant, and until which date.';
