-- What: notes that a site and an account have asked about this index, hit or miss alike.
-- Charges or records: guard.met rows; the date moves at most once a month.
-- Called by: rights.ask_one, for every question that was answered.
-- Locks: rows of guard.met of this site and account, whose budget rows rights.ask holds.
-- Round trips: none of its own.
create or replace function guard.remember(_site bigint, _account bigint, _asked bytea) returns void
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    insert into guard.met as m (holder, holder_id, asked, met_on)
    values (2, _account, _asked, current_date), (4, _site, _asked, current_date)
    on conflict (holder, holder_id, asked) do update
       set met_on = excluded.met_on
     where m.met_on < date_trunc('month', excluded.met_on)::date;
end
$$;

comment on function guard.remember(bigint, bigint, bytea) is 'Notes who has been asked about, under the guard''s own key.';
