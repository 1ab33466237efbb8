-- What: states the public key that an insurer has lines of claims sealed to from now on. The one in force, again, answers the same.
-- Charges or records: a row of billing.line_key. What was sealed to a former key stays as it is.
-- Called by: rempart_desk (rempart lines trust).
-- Locks: the unique keys of billing.line_key, for which another who states one alone waits.
-- Round trips: one. Refusals: insurer_unknown, key_not_valid, author_not_valid, key_retired (it was replaced, or is another insurer's), change_waits (of two at once).
create or replace function billing.set_line_key(_amc text, _key_id bytea, _public bytea, _author text)
returns table (refused_because text, stated_at timestamptz)
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
declare
    _insurer bigint := registry.insurer_served(_amc);
begin
    refused_because := case
        when _insurer is null then 'insurer_unknown'
        when (octet_length(_public) = 1216 and sha256(_public) = _key_id) is not true then 'key_not_valid'
        when not coalesce(_author ~ '^[A-Za-z][A-Za-z0-9_.-]{0,39}$', false) then 'author_not_valid' end;
    if refused_because is not null then
        return next;
        return;
    end if;
    select k.stated_at into set_line_key.stated_at
      from billing.line_key k
     where k.key_id = _key_id and k.insurer_id = _insurer and k.key_id = billing.line_key_in_force(_insurer);
    if found then
        return next;
        return;
    end if;
    if exists (select from billing.line_key k where k.key_id = _key_id) then
        -- It was replaced, perhaps because it leaked; or somebody mixed two insurers up.
        refused_because := 'key_retired';
        return next;
        return;
    end if;
    insert into billing.line_key as k (key_id, insurer_id, place, public, stated_at, author)
    select _key_id, _insurer, coalesce(max(o.place), 0) + 1, _public, clock_timestamp(), _author
      from billing.line_key o where o.insurer_id = _insurer
    returning k.stated_at into set_line_key.stated_at;
    return next;
exception
    when unique_violation then
        refused_because := 'change_waits';
        stated_at := null;
        return next;
end
$$;

comment on function billing.set_line_key(text, bytea, bytea, text) is 'States the public key that an insurer''s lines are sealed to.';
