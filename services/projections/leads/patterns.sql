-- What no single case shows.

-- name: identical_amounts
-- Gap amounts below the full standard: households of one size seldom come to the same fen by themselves.
select array_agg(enrolled.fact order by spans_due.household) as facts, null::uuid as household,
       null::uuid as person, spans_due.area, min(spans_due.month) as month, max(enrolled.decided_on) as day,
       jsonb_build_object('households', count(*), 'members', members, 'covered', covered,
                          'entitled_fen', entitled_fen) as figures
from spans_due
join decisions as enrolled
  on enrols and enrolled.household = spans_due.household and enrolled.spell = spans_due.spell
where mode = 'gap' and length(spans_due.area) = 12 and income_fen > 0 and entitled_fen > 0
group by spans_due.area, members, covered, entitled_fen
having count(*) >= %(identical_households)s

-- name: by_day
-- Decisions of one day in a county, or in the smaller area that is asked for.
select array_agg(fact order by fact) as facts, enrols, decided_on, left(area, digits) as place,
       count(*) as decided,
       avg(count(*)) over (partition by enrols, left(area, digits)) as average,
       count(*) over (partition by enrols, left(area, digits)) as days
from decisions
join homes on homes.stream = household
cross join lateral (select greatest(6, length(%(within)s::text)) as digits) as level
where not migrated
group by enrols, decided_on, left(area, digits)

-- name: exits_bunched
select facts, null::uuid as household, null::uuid as person, place as area, null::date as month,
       decided_on as day,
       jsonb_build_object('decided_on', decided_on, 'exits', decided, 'average', round(average, 1), 'days', days)
           as figures
from ({{by_day}}) as by_day
where not enrols and decided >= %(bunch_least)s and decided > average * %(bunch_factor)s

-- name: enrolments_bunched
select facts, null::uuid as household, null::uuid as person, place as area, null::date as month,
       decided_on as day,
       jsonb_build_object('decided_on', decided_on, 'enrolments', decided, 'average', round(average, 1),
                          'days', days) as figures
from ({{by_day}}) as by_day
where enrols and decided >= %(bunch_least)s and decided > average * %(bunch_factor)s
