-- Who is on which roll, where and how long. Fragments of `with recursive`; parameters as in states.sql,
-- and `roll`: a programme, a family of programmes (`dibao`), a recognition, or null.

-- name: subjects
-- Households that ever stood or were recognised in the area, and those with which they share a person:
-- who comes from another household is not new.
here as materialized (
    select household
    from (
        select household, area, effective, known_from from areas
        union all
        select household, area, effective, known_from from recognitions where in_force
    ) as stations
    where effective <= %(last)s::date
      and known_from <= %(position)s
      and (
        %(area)s::text is null
        or (area >= %(area)s::text and area < %(area)s::text || ':')
        or exists (
            select from area_replacements as gone
            where stations.area >= gone.area and stations.area < gone.area || ':'))
    group by household
),
subjects as materialized (
    select household from here
    union
    select kin.household
    from here
    join members using (household)
    join members as kin using (person)
    where %(area)s::text is not null
)

-- name: spans
-- Months between two changes of anything but amounts.
starts as (
    select household, %(first)s::date as month from subjects
    union
    select household, month from subjects join moments using (household)
    where month > %(first)s and month <= %(last)s
    union
    select household, effective from subjects cross join area_replacements
    where effective > %(first)s and effective <= %(last)s
),
spans as materialized (
    select household, month,
           lead(month, 1, (%(last)s::date + interval '1 month')::date)
               over (partition by household order by month) as until
    from starts
)

-- name: recognised
-- Recognitions from `effective` up to but without `until`. A rigid-expenditure household without an end
-- is recognised for the months that the area's policy says.
recognised as materialized (
    select household, recognition, effective, until, area, persons, rank, version
    from (
        select household, recognition, said.effective, in_force, area, persons, rank, version,
               least(
                   coalesce(
                       lead(said.effective) over (partition by household, recognition order by ordinal),
                       'infinity'),
                   case when until is not null then (until + interval '1 month')::date
                        when recognition = 'rigid'
                            then (said.effective + make_interval(months => coalesce(adopted.months, preset.months)))::date
                        else 'infinity' end
               ) as until
        from subjects
        join recognitions as said using (household)
        cross join (
            select (value #>> '{}')::int as months from policy_defaults where setting = 'rigid.months'
        ) as preset
        left join lateral (
            select (value #>> '{}')::int as months
            from (
                select distinct on (policies.area) policies.area, in_force, value
                from policies
                where setting = 'rigid.months' and {{register.known}} and policies.effective <= said.effective
                  and policies.area = left(said.area, length(policies.area))
                order by policies.area, ordinal desc
            ) as latest
            where in_force
            order by length(latest.area) desc
            limit 1
        ) as adopted on said.recognition = 'rigid' and said.until is null
        where {{register.known}} and said.effective <= %(last)s
    ) as spans
    where in_force and until > effective
)

-- name: recognised_places
-- Recognitions split where an area gave way to another, each part with the area where it counts.
recognised_starts as (
    select household, recognition, greatest(effective, %(first)s::date) as month from recognised
    where until > %(first)s
    union
    select household, recognition, gone.effective
    from recognised
    join (select distinct effective from replaced) as gone
      on gone.effective > recognised.effective and gone.effective < until and gone.effective > %(first)s
),
recognised_parts as materialized (
    select household, recognition, recognised.effective as since, greatest(starts.month, %(first)s::date) as month,
           least(
               recognised.until, (%(last)s::date + interval '1 month')::date,
               lead(starts.month) over (
                   partition by household, recognition, recognised.effective order by starts.month)
           ) as until,
           area, persons, rank
    from recognised_starts as starts
    join recognised using (household, recognition)
    where starts.month >= recognised.effective and starts.month < recognised.until
),
recognised_hops (month, stood, area, since, seen, hop) as (
    select distinct month, area, area, '-infinity'::date, array[area], 0 from recognised_parts
    union all
    select {{register.hop}} from recognised_hops as hops {{register.to_next}}
),
recognised_counted as materialized (
    select distinct on (month, stood) month, stood, area
    from recognised_hops
    order by month, stood, hop desc
)

-- name: stays
-- stays: a household on a roll, from `month` up to but without `until`; rank is that of the enrolment or
-- recognition. A household is on one basic roll at most, and may have several recognitions beside it.
{{subjects}},
{{register.standing}},
{{spans}},
{{register.roll}},
{{register.attributes}},
{{register.persons}},
stood as (select * from attributed),
{{register.places}},
{{recognised}},
{{recognised_places}},
stays as materialized (
    select 'basic' collate "C" as kind, stood.household, stood.month, stood.until, stood.programme as roll,
           counted.area, stood.area as stood_in, stood.spell, entered.rank, entered.effective as since,
           null::uuid[] as persons
    from stood
    join counted on counted.month = stood.month and counted.stood = stood.area
    join standing as entered on entered.household = stood.household and entered.spell = stood.spell
     and entered.on_roll
    union all
    select recognition, household, parts.month, until, recognition, counted.area, parts.area, null, rank,
           parts.since, persons
    from recognised_parts as parts
    join recognised_counted as counted on counted.month = parts.month and counted.stood = parts.area
),
placed as materialized (
    select *,
           (%(area)s::text is null or (area >= %(area)s::text and area < %(area)s::text || ':'))
           and (%(roll)s::text is null or roll = %(roll)s::text
                or split_part(roll, '.', 1) = %(roll)s::text) as inside
    from stays
)
