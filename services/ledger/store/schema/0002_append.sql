-- The one way in. Arrays are parallel: a fact is (id, version, topic, state); a command is (actor, key,
-- payload digest, subject, number of its facts), in the order of its facts. The table lock makes commit
-- order equal position order, so that a reader who tails the table never passes a gap.
set local role ledger_owner;

create function ledger.append(
    ids uuid[], versions bigint[], topics text[], states bytea[],
    actors text[], keys text[], payloads bytea[], subjects uuid[], counts bigint[]
) returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    last_position bigint;
    last_instant timestamptz;
begin
    lock table ledger.facts in exclusive mode;
    select f.notification_id, f.recorded_at into last_position, last_instant
    from ledger.facts f order by f.notification_id desc limit 1;
    last_position := coalesce(last_position, 0);

    insert into ledger.facts (originator_id, originator_version, topic, state, notification_id, recorded_at)
    select fact.id, fact.version, fact.topic, fact.state, last_position + fact.n,
           greatest(last_instant, clock_at.instant)
    from unnest(ids, versions, topics, states) with ordinality as fact (id, version, topic, state, n),
         (select clock_timestamp() as instant offset 0) as clock_at;

    insert into ledger.commands (actor, idempotency_key, payload, subject, first_position, last_position)
    select c.actor, c.key, c.payload, c.subject,
           last_position + c.upto - c.facts + 1, last_position + c.upto
    from (
        select given.*, (sum(given.facts) over (order by given.n))::bigint as upto
        from unnest(actors, keys, payloads, subjects, counts)
             with ordinality as given (actor, key, payload, subject, facts, n)
    ) as c;

    notify facts;
    return last_position;
end $$;

revoke all on function ledger.append(
    uuid[], bigint[], text[], bytea[], text[], text[], bytea[], uuid[], bigint[]) from public;
grant execute on function ledger.append(
    uuid[], bigint[], text[], bytea[], text[], text[], bytea[], uuid[], bigint[]) to ledger_service;

-- Reference data enters whole: what a file names is added or renamed, nothing is taken away.
create function ledger.load_areas(codes text[], names text[], kinds text[]) returns bigint
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
    with loaded as (
        insert into ledger.areas as known (code, name, kind)
        select * from unnest(codes, names, kinds)
        on conflict (code) do update set name = excluded.name, kind = excluded.kind
        where (known.name, known.kind) is distinct from (excluded.name, excluded.kind)
        returning 1
    )
    select count(*) from loaded
$$;

revoke all on function ledger.load_areas(text[], text[], text[]) from public;
grant execute on function ledger.load_areas(text[], text[], text[]) to ledger_service;
