-- name: counts
-- Stocks and changes. A household or person is new in a month when it is on a basic roll (on the
-- recognition's) and was not the month before, anywhere; left likewise; moved between rolls or areas
-- when it was, elsewhere. So this month is last month + new - left + moved in - moved out.
with recursive {{stays}},
keyed as materialized (
    select kind, household, month, until, rank, persons, inside,
           case when inside and %(digits)s::int is not null then left(area, %(digits)s::int) end
               collate "C" as of_area,
           case when inside and %(by_roll)s then roll end collate "C" as of_roll,
           case when inside then
               coalesce(left(area, %(digits)s::int), '') || '/' || case when %(by_roll)s then roll else '' end
           end as place
    from placed
    where %(by_roll)s or %(roll)s::text is not null or kind = 'basic'
),
units as (
    select 'household' as unit, kind, household as subject, household, month, until, rank, inside, of_area,
           of_roll, place
    from keyed
    union all
    select 'person', kind, persons.person, household, month, until, rank, inside, of_area, of_roll, place
    from keyed
    join persons using (household, month)
    where kind = 'basic' and persons.covered
    union all
    select 'person', kind, person, household, month, until, rank, inside, of_area, of_roll, place
    from keyed
    cross join lateral unnest(keyed.persons) as person
),
steps as materialized (
    select unit, kind, household, month, until, rank, inside, of_area, of_roll, place,
           max(until) over (word rows between unbounded preceding and 1 preceding) as until_before,
           lag(place) over word as place_before, lead(month) over word as month_after,
           lead(place) over word as place_after
    from units
    window word as (partition by unit, kind, subject order by month, household)
),
came as materialized (
    select unit, kind, household, month, rank, of_area, of_roll
    from steps
    where inside and month >= %(from_month)s::date and (until_before is null or until_before < month)
),
sought as materialized (
    select came.household, came.kind, came.month
    from came
    cross join lateral (
        select type, data ->> 'channel' as channel
        from facts
        where stream = came.household and rank < came.rank
          and position <= %(position)s and (known_to is null or known_to > %(position)s)
          and type in ('assistance.ApplicationReceived.v1', 'assistance.HouseholdEnrolled.v1')
        order by rank desc
        limit 1
    ) as last
    where unit = 'household' and last.type = 'assistance.ApplicationReceived.v1' and last.channel = 'proactive'
),
stocks as (
    select 'on' as what, unit, each.month::date as month, of_area, of_roll, sum(many) as many
    from (
        select unit, greatest(month, %(from_month)s::date) as month, until, of_area, of_roll, count(*) as many
        from steps
        where inside and until > %(from_month)s
        group by unit, greatest(month, %(from_month)s::date), until, of_area, of_roll
    ) as alike
    cross join lateral generate_series(
        alike.month, alike.until - interval '1 month', interval '1 month') as each (month)
    group by unit, each.month, of_area, of_roll
),
figures as (
    select * from stocks
    union all
    select 'new', unit, month, of_area, of_roll, count(*) from came group by unit, month, of_area, of_roll
    union all
    select 'proactive', unit, month, of_area, of_roll, count(*)
    from came join sought using (household, kind, month)
    group by unit, month, of_area, of_roll
    union all
    select 'moved_in', unit, month, of_area, of_roll, count(*)
    from steps
    where inside and month >= %(from_month)s and until_before >= month and place_before is distinct from place
    group by unit, month, of_area, of_roll
    union all
    select 'left', unit, until, of_area, of_roll, count(*)
    from steps
    where inside and until >= %(from_month)s and until <= %(last)s
      and (month_after is null or month_after > until) and (until_before is null or until_before <= until)
    group by unit, until, of_area, of_roll
    union all
    select 'moved_out', unit, until, of_area, of_roll, count(*)
    from steps
    where inside and until >= %(from_month)s and until <= %(last)s
      and month_after <= until and place_after is distinct from place
    group by unit, until, of_area, of_roll
)
select month, of_area as area, of_roll as roll,
       coalesce(sum(many) filter (where what = 'on' and unit = 'household'), 0)::bigint as households,
       coalesce(sum(many) filter (where what = 'on' and unit = 'person'), 0)::bigint as persons,
       coalesce(sum(many) filter (where what = 'new' and unit = 'household'), 0)::bigint as new_households,
       coalesce(sum(many) filter (where what = 'new' and unit = 'person'), 0)::bigint as new_persons,
       coalesce(sum(many) filter (where what = 'left' and unit = 'household'), 0)::bigint as left_households,
       coalesce(sum(many) filter (where what = 'left' and unit = 'person'), 0)::bigint as left_persons,
       coalesce(sum(many) filter (where what = 'moved_in' and unit = 'household'), 0)::bigint
           as moved_in_households,
       coalesce(sum(many) filter (where what = 'moved_in' and unit = 'person'), 0)::bigint as moved_in_persons,
       coalesce(sum(many) filter (where what = 'moved_out' and unit = 'household'), 0)::bigint
           as moved_out_households,
       coalesce(sum(many) filter (where what = 'moved_out' and unit = 'person'), 0)::bigint
           as moved_out_persons,
       coalesce(sum(many) filter (where what = 'proactive' and unit = 'household'), 0)::bigint
           as proactive_households,
       coalesce(sum(many) filter (where what = 'proactive' and unit = 'person'), 0)::bigint
           as proactive_persons
from figures
group by month, of_area, of_roll
order by month, of_area, of_roll

-- name: members
-- The households on a roll in one month.
with recursive {{stays}},
listed as (
    select household, array_agg(person order by person) as persons
    from persons
    where covered
    group by household
)
select placed.household, placed.roll, placed.area, placed.stood_in, placed.since, placed.spell,
       stood.single_person, stood.tier, stood.income_fen, coalesce(stood.suspended, false) as suspended,
       heads_counted.members, coalesce(placed.persons, listed.persons, '{}') as persons
from placed
left join stood on placed.kind = 'basic' and stood.household = placed.household
left join heads_counted on placed.kind = 'basic' and heads_counted.household = placed.household
left join listed on placed.kind = 'basic' and listed.household = placed.household
where inside
  and (%(after_household)s::uuid is null
       or (placed.household, placed.roll) > (%(after_household)s::uuid, %(after_roll)s::text collate "C"))
order by placed.household, placed.roll collate "C"
limit %(limit)s::bigint
