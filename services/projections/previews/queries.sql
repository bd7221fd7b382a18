-- What facts not yet recorded would change: asked within their trial.

-- name: batch
-- The trial's facts, as the feed would give them.
insert into batch (position, stream, version, type, recorded_at, data)
select %(base)s + n, (fact ->> 'stream')::uuid, (fact ->> 'version')::int, fact ->> 'type', now(), fact -> 'data'
from jsonb_array_elements(%(facts)s::jsonb) with ordinality as said (fact, n)

-- name: versions
select stream, max(version) from facts where stream = any (%(streams)s::uuid[]) group by stream

-- name: touched
-- Households that the facts are about: their own, those that are got money back from, and those of lists
-- that would no longer count. Parameters: streams, recoveries, lists.
select household
from (
    select household from areas where household = any (%(streams)s::uuid[])
    union
    select household from recovery_parts where recovery = any (%(recoveries)s::uuid[])
    union
    select subject from parts where kind = 'monthly' and list = any (%(lists)s::uuid[])
) as touched
order by household

-- name: first_month
-- The first month in which anything was ever said of the households.
select min(month) as first from moments where household = any (%(households)s::uuid[])

-- name: side
-- The roll of a month, one row a household. Parameters as for totals.
with recursive asked as materialized ({{register.ever_in_area}}), {{totals.amounts_of_spans_kept}}
select household, area, covered_persons, entitled_fen from spans_due

-- name: roll
-- Of side_before and side_after: households, persons and amounts, by area, and by how much they change.
-- Parameters: digits (of the areas), edges (of the bands, in fen).
paired as materialized (
    select household, coalesce(side_before.entitled_fen, 0) as fen_before,
           coalesce(side_after.entitled_fen, 0) as fen_after,
           coalesce(side_after.entitled_fen, 0) - coalesce(side_before.entitled_fen, 0) as change_fen
    from side_before
    full join side_after using (household)
),
sides as (
    select 'before' as side, left(area, %(digits)s) as area, covered_persons, entitled_fen from side_before
    union all
    select 'after', left(area, %(digits)s), covered_persons, entitled_fen from side_after
),
sums as (
    select side, area, count(*) as households, sum(entitled_fen)::bigint as entitled_fen
    from sides
    group by grouping sets ((side), (side, area))
),
heads as (
    select side, area, count(distinct person) as persons
    from sides cross join lateral unnest(covered_persons) as person
    group by grouping sets ((side), (side, area))
),
figures as (
    select sums.side, sums.area, entitled_fen,
           json_build_object('households', households, 'persons', coalesce(persons, 0),
                             'entitled_fen', entitled_fen) as figure
    from sums
    left join heads on heads.side = sums.side and heads.area is not distinct from sums.area
),
nothing as (
    select json_build_object('households', 0, 'persons', 0, 'entitled_fen', 0) as figure
),
bands as (
    select width_bucket(change_fen, %(edges)s::bigint[]) as band, count(*) as households,
           sum(change_fen)::bigint as change_fen
    from paired
    group by 1
)
select json_build_object(
    'before', coalesce((select figure from figures where side = 'before' and area is null), nothing.figure),
    'after', coalesce((select figure from figures where side = 'after' and area is null), nothing.figure),
    'change_fen', (select coalesce(sum(change_fen), 0) from paired),
    'gain', (select count(*) from paired where change_fen > 0),
    'lose', (select count(*) from paired where change_fen < 0),
    'same', (select count(*) from paired where change_fen = 0),
    'to_zero', (select count(*) from paired where fen_before > 0 and fen_after = 0),
    'from_zero', (select count(*) from paired where fen_before = 0 and fen_after > 0),
    'bands', (
        select json_agg(json_build_object(
            'from_fen', (%(edges)s::bigint[])[band], 'to_fen', (%(edges)s::bigint[])[band + 1],
            'households', coalesce(households, 0), 'change_fen', coalesce(change_fen, 0)) order by band)
        from generate_series(0, cardinality(%(edges)s::bigint[])) as each (band)
        left join bands using (band)),
    'areas', (
        select coalesce(json_agg(json_build_object(
            'area', area, 'before', coalesce(was.figure, nothing.figure),
            'after', coalesce(now.figure, nothing.figure),
            'change_fen', coalesce(now.entitled_fen, 0) - coalesce(was.entitled_fen, 0)) order by area), '[]')
        from (select area, figure, entitled_fen from figures where side = 'before' and area is not null) as was
        full join (select area, figure, entitled_fen from figures where side = 'after' and area is not null) as now
            using (area)))
from nothing

-- name: grants
-- Area grants that facts of the trial adopt, as they then stand. Parameter: after (a position).
select stream || ':' || rank as grant_id, area, effective, head, rolls, per, amount_fen
from area_grants
where known_from > %(after)s and known_to is null
order by known_from

-- name: grant
-- What an area grant comes to, by area. Parameters as for its document, and digits.
with document as (
    {{payment_lists.area_grant_document}}
),
lines as (
    select left(entry::json ->> 'area', %(digits)s) as area, (entry::json ->> 'amount_fen')::bigint as fen
    from document
    where entry::json ->> 'household' is not null
)
select area, count(*) as households,
       case when %(per)s = 'person' and %(amount_fen)s::bigint > 0
            then sum(fen) / %(amount_fen)s::bigint end::bigint as persons,
       coalesce(sum(fen), 0)::bigint as total_fen
from lines
group by grouping sets ((), (area))
order by area nulls first
