-- Who left too late, and who came back.

-- name: stopped_late
select array[fact] as facts, household, null::uuid as person, area, month, decided_on as day,
       jsonb_build_object('month', to_char(month, 'YYYY-MM'), 'reason', reason, 'decided_on', decided_on,
                          'months', months) as figures
from (
    select *, (extract(year from decided_on) - extract(year from month))::int * 12
              + (extract(month from decided_on) - extract(month from month))::int + 1 as months
    from decisions
    where not enrols and not migrated
) as late
join homes on homes.stream = household
where months > 0

-- name: death_learned_late
select array[stream || ':' || version] as facts, stream as household, person, area, effective as month,
       learned_on as day,
       jsonb_build_object('died_on', died_on, 'learned_on', learned_on, 'days', learned_on - died_on) as figures
from (
    select stream, version, effective, (data ->> 'person')::uuid as person, (data ->> 'died_on')::date as died_on,
           coalesce(data ->> 'learned_on', data ->> 'decided_on')::date as learned_on
    from facts
    where type = 'assistance.MemberDied.v1' and {{register.said_by_day}}
      and not coalesce((data ->> 'migrated')::boolean, false)
) as deaths
join homes using (stream)
where learned_on - died_on > %(death_days)s

-- name: on_roll_without_covered
select array[enrolled.fact] || coalesce(deaths.facts, '{}') as facts, seats.household, null::uuid as person,
       seats.area, seats.month, coalesce(deaths.since, enrolled.decided_on) as day,
       jsonb_build_object('members', coalesce(members, 0), 'deaths', coalesce(deaths.deaths, 0),
                          'programme', seats.programme) as figures
from seats
join decisions as enrolled
  on enrols and enrolled.household = seats.household and enrolled.spell = seats.spell
left join (
    select stream, spell, count(*) as deaths, max((data ->> 'died_on')::date) as since,
           array_agg(stream || ':' || version order by rank) as facts
    from facts
    where type = 'assistance.MemberDied.v1' and {{register.said_by_day}}
    group by stream, spell
) as deaths on deaths.stream = seats.household and deaths.spell = seats.spell
where coalesce(covered, 0) = 0

-- name: returned_soon
select array[left_before.fact, returned.fact] as facts, returned.household, null::uuid as person, homes.area,
       returned.month, returned.decided_on as day,
       jsonb_build_object('month', to_char(returned.month, 'YYYY-MM'), 'reason', left_before.reason,
                          'left', to_char(left_before.month, 'YYYY-MM'), 'months', months) as figures
from decisions as returned
join decisions as left_before
  on left_before.household = returned.household and not left_before.enrols
 and left_before.rank = returned.left_at
join homes on homes.stream = returned.household
cross join lateral (
    select (extract(year from returned.month) - extract(year from left_before.month))::int * 12
           + (extract(month from returned.month) - extract(month from left_before.month))::int as months
) as away
where returned.enrols and months <= %(return_months)s
