-- What: whether this database is fit to answer: schema version, months ahead, the heart, strays, whether this start was taken up.
-- Charges or records: nothing.
-- Called by: rempart_edge (GET /readyz).
-- Locks: none.
-- Round trips: one.
create or replace function foundation.ready(
    out migration integer, out months_ahead integer, out heart_age_s double precision,
    out stray_entries bigint, out guard_ok boolean, out taken_up boolean
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    select max(m.number) into migration from foundation.migration m;
    select coalesce(min(i.n) - 1, 6) into months_ahead
      from generate_series(0, 6) as i (n)
     where to_regclass('journal.entry_' || to_char(date_trunc('month', now() at time zone 'UTC') + make_interval(months => i.n), 'YYYY_MM')) is null
        or to_regclass('journal.payload_' || to_char(date_trunc('month', now() at time zone 'UTC') + make_interval(months => i.n), 'YYYY_MM')) is null;
    select extract(epoch from clock_timestamp() - c.wall_at) into heart_age_s from guard.clock c;
    select count(*) into stray_entries from journal.entry_default d;
    select c.boot = pg_postmaster_start_time() into taken_up from guard.clock c;
    guard_ok := coalesce(heart_age_s between -5 and 10, false);
end
$$;

comment on function foundation.ready() is 'Schema version, months made ahead, age of the last heartbeat, entries outside any month.';
