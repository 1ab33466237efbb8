-- What: the installation behind each token: the account is found from what the token opens, never from a parameter.
-- Charges or records: nothing.
-- Called by: rights.ask_batch, rights.collect and rights.note_broken, once a batch.
-- Locks: none; a revocation that commits first is seen.
-- Round trips: none of its own. In the order given; null where a token opens nothing.
create or replace function identity.alive(_tokens text[], _jkts bytea[]) returns bigint[]
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'Europe/Paris'
set datestyle = 'ISO, YMD'
as $$
begin
    -- A subquery each: a kept plan must look a token up by its hash, however small the tables once were.
    return array(
        select (select i.installation_id
                  from identity.token as t
                  join identity.installation as i on i.installation_id = t.installation_id and i.jkt = t.jkt
                 where t.token_hash = sha256(convert_to(q.token, 'UTF8'))
                   and t.jkt = q.jkt
                   and t.scope = 'rights'
                   and i.scope = 'rights'
                   and t.revoked_at is null
                   and t.minted_at <= clock_timestamp() + interval '1 minute'
                   and t.expires_at > clock_timestamp()
                   -- A session's token is locked while its owner is away; a software's is not (null).
                   and (t.locks_at is null or t.locks_at > clock_timestamp())
                   and i.revoked_at is null)
          from unnest(_tokens, _jkts) with ordinality as q (token, jkt, place)
         order by q.place);
end
$$;

comment on function identity.alive(text[], bytea[]) is
'The installations behind live tokens, in order; null where a token opens nothing, or is locked.';
