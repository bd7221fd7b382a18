-- Whether decisions were heard, notified, published and checked, and what older systems did not tell.

-- name: exit_unheard
select array[fact] as facts, household, person, area, month, decided_on as day, figures
from lacks join homes on homes.stream = household
where lack = 'exit_unheard' and not migrated

-- name: reduction_unheard
select array[fact] as facts, household, person, area, month, decided_on as day, figures
from lacks join homes on homes.stream = household
where lack = 'reduction_unheard' and not migrated

-- name: exit_not_notified
select array[fact] as facts, household, person, area, month, decided_on as day, figures
from lacks join homes on homes.stream = household
where lack = 'exit_not_notified' and not migrated

-- name: reduction_not_notified
select array[fact] as facts, household, person, area, month, decided_on as day, figures
from lacks join homes on homes.stream = household
where lack = 'reduction_not_notified' and not migrated

-- name: exit_not_published
select array[fact] as facts, household, person, area, month, decided_on as day, figures
from lacks join homes on homes.stream = household
where lack = 'exit_not_published' and not migrated

-- name: enrolment_not_published
select array[fact] as facts, household, person, area, month, decided_on as day, figures
from lacks join homes on homes.stream = household
where lack = 'enrolment_not_published' and not migrated

-- name: enrolled_unchecked
select array[fact] as facts, household, person, area, month, decided_on as day, figures
from lacks join homes on homes.stream = household
where lack = 'enrolled_unchecked' and not migrated

-- name: checked_late
select array[fact] as facts, household, person, area, month, decided_on as day, figures
from lacks join homes on homes.stream = household
where lack = 'checked_late' and not migrated

-- name: migrated_without_procedure
select array_agg(distinct fact) as facts, household, null::uuid as person, min(area) as area,
       null::date as month, min(decided_on) as day,
       jsonb_build_object('decisions', count(distinct fact), 'lacks', string_agg(
           distinct replace(lack, '_', ' '), ', ' order by replace(lack, '_', ' '))) as figures
from lacks join homes on homes.stream = household
where migrated
group by household

-- name: assets_over_limits
select array[last_check.fact] as facts, spans_due.household, null::uuid as person, spans_due.area,
       spans_due.month, checked_on as day,
       jsonb_build_object('checked_on', checked_on, 'entitled_fen', entitled_fen) as figures
from spans_due
join (
    select distinct on (stream) stream, fact, checked_on, within_limits
    from checks
    order by stream, version desc
) as last_check on last_check.stream = spans_due.household
where not within_limits

-- name: relative_of_staff
select array_agg(stream || ':' || version order by version) as facts, household, null::uuid as person, area,
       spans_due.month, max((data ->> 'decided_on')::date) as day,
       jsonb_build_object('accepted_on', max((data ->> 'decided_on')::date),
                          'entitled_fen', entitled_fen) as figures
from spans_due
join facts on facts.stream = household and type = 'assistance.ApplicationAccepted.v1'
 and {{register.said_by_day}}
where (data ->> 'relative_of_staff')::boolean
group by household, area, spans_due.month, entitled_fen

-- name: review_overdue
select array[coalesce(review.fact, enrolled.fact)] as facts, seats.household, null::uuid as person,
       seats.area, date_trunc('month', due.due_on)::date as month, due.due_on as day,
       jsonb_build_object('due_on', due.due_on, 'last_on', coalesce(reviewed_on, decided_on),
                          'months', months, 'days', %(on)s::date - due.due_on) as figures
from seats
join settled on settled.area = seats.area and settled.month = %(last)s::date
join (
    select distinct on (household, spell) household, spell, fact, decided_on
    from decisions
    where enrols
    order by household, spell, rank desc
) as enrolled on enrolled.household = seats.household and enrolled.spell = seats.spell
left join (
    select distinct on (stream, spell) stream, spell, stream || ':' || version as fact,
           (data ->> 'decided_on')::date as reviewed_on,
           coalesce((data ->> 'unstable')::boolean, false) as unstable,
           (((data ->> 'next_due') || '-01')::date + interval '1 month - 1 day')::date as next_due
    from facts
    where type = 'assistance.ReviewCompleted.v1' and {{register.said_by_day}}
    order by stream, spell, (data ->> 'decided_on')::date desc, rank desc
) as review on review.stream = seats.household and review.spell = seats.spell
cross join lateral (
    select (settings ->> case when review.unstable then 'review.unstable_months' else 'review.months' end)::int
               as months
) as term
cross join lateral (
    select coalesce(next_due,
                    (coalesce(reviewed_on, decided_on) + make_interval(months => term.months))::date) as due_on
) as due
where due.due_on < %(on)s::date

-- name: accepted
select accepted.stream as household, accepted.stream || ':' || accepted.version as fact,
       (accepted.data ->> 'decided_on')::date as accepted_on,
       coalesce(accepted.data ->> 'clock', 'regular') as clock,
       decided.fact as decision, decided.decided_on
from facts as accepted
left join lateral (
    select stream || ':' || version as fact, (data ->> 'decided_on')::date as decided_on
    from facts as decision
    where decision.stream = accepted.stream and decision.rank > accepted.rank
      and type in ('assistance.HouseholdEnrolled.v1', 'assistance.ApplicationRefused.v1',
                   'assistance.ApplicationWithdrawn.v1', 'assistance.RecognitionRecorded.v1')
      and {{register.said_by_day}}
    order by rank
    limit 1
) as decided on true
where accepted.type = 'assistance.ApplicationAccepted.v1' and {{register.said_by_day}}
  and not coalesce((accepted.data ->> 'migrated')::boolean, false)

-- name: clocks
-- Who was accepted before the calendar begins has waited at least the days since it begins.
select household, fact, decision, area, accepted_on, decided_on, clock,
       (settings ->> ('deadline.' || clock || '_working_days'))::int as term,
       ending.elapsed - coalesce(beginning.elapsed, 0) as working_days
from ({{accepted}}) as accepted
join homes on homes.stream = household
join settled using (area)
left join calendar as beginning on beginning.day = accepted_on
join calendar as ending on ending.day = coalesce(decided_on, %(on)s::date)
where settled.month = %(last)s::date

-- name: decision_overdue
select array[fact] as facts, household, null::uuid as person, area, null::date as month, accepted_on as day,
       jsonb_build_object('accepted_on', accepted_on, 'clock', clock, 'term', term,
                          'working_days', working_days) as figures
from ({{clocks}}) as clocks
where decided_on is null and working_days > term

-- name: decision_late
select array[fact, decision] as facts, household, null::uuid as person, area, null::date as month,
       decided_on as day,
       jsonb_build_object('accepted_on', accepted_on, 'decided_on', decided_on, 'clock', clock, 'term', term,
                          'working_days', working_days) as figures
from ({{clocks}}) as clocks
where decided_on is not null and working_days > term

-- name: recorded_late
select array_agg(fact order by recorded_days desc, fact) as facts, household, null::uuid as person,
       min(area) as area, null::date as month, min(decided_on) as day,
       jsonb_build_object('acts', count(*), 'days', max(recorded_days)) as figures
from (
    select stream as household, stream || ':' || version as fact, (data ->> 'decided_on')::date as decided_on,
           (recorded_at at time zone %(zone)s)::date - (data ->> 'decided_on')::date as recorded_days
    from facts
    where effective is not null and {{register.said}} and not coalesce((data ->> 'migrated')::boolean, false)
      and type not in ('assistance.CoverTaken.v1', 'assistance.CoverEnded.v1')
) as acts
join homes on homes.stream = household
where recorded_days > %(recorded_days)s
group by household

-- name: effective_long_before
select array_agg(fact order by effective, fact) as facts, household, null::uuid as person, min(area) as area,
       min(effective) as month, min(decided_on) as day,
       jsonb_build_object('acts', count(*), 'month', to_char(min(effective), 'YYYY-MM'),
                          'decided_on', min(decided_on), 'months', max(months)) as figures
from (
    select stream as household, stream || ':' || version as fact, effective, decided_on,
           (extract(year from decided_on) - extract(year from effective))::int * 12
           + (extract(month from decided_on) - extract(month from effective))::int as months
    from (
        select stream, version, effective, (data ->> 'decided_on')::date as decided_on
        from facts
        where effective is not null and {{register.said}} and not coalesce((data ->> 'migrated')::boolean, false)
          and type not in ('assistance.CoverTaken.v1', 'assistance.CoverEnded.v1')
    ) as acts
) as acts
join homes on homes.stream = household
where months > %(backdated_months)s
group by household
