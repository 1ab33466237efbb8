-- What: counts by generation of index keys, and insurer, what is found under it: covers in force or to come, covers that are over, who left.
-- Charges or records: nothing.
-- Called by: rempart_desk, through registry/index_keys.py; registry.end_generation.
-- Locks: none.
-- Round trips: one; it reads all covers.
create or replace function registry.list_generations()
returns table (
    generation smallint, begun_at timestamptz, begun_by text, ended_at timestamptz, insurer text,
    in_force bigint, over bigint, departed bigint
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    return query
        with held as (
            select c.generation, c.insurer_id,
                   count(*) filter (where c.valid_to >= current_date) as in_force,
                   count(*) filter (where c.valid_to < current_date) as over, 0::bigint as departed
              from registry.coverage c group by c.generation, c.insurer_id
            union all
            select d.generation, d.insurer_id, 0, 0, count(*) from registry.departed d group by d.generation, d.insurer_id
        ), summed as (
            select h.generation, h.insurer_id, sum(h.in_force)::bigint as in_force, sum(h.over)::bigint as over,
                   sum(h.departed)::bigint as departed
              from held h group by h.generation, h.insurer_id
        )
        select g.generation, g.begun_at, g.begun_by, g.ended_at, coalesce(i.amc_number, ''),
               coalesce(s.in_force, 0), coalesce(s.over, 0), coalesce(s.departed, 0)
          from registry.index_generation g
          left join summed s on s.generation = g.generation
          left join registry.insurer i on i.insurer_id = s.insurer_id
         order by g.generation, 5;
end
$$;

comment on function registry.list_generations() is 'What is found under each generation of index keys, by insurer.';
