-- name: granted
-- granted: help-first grants as known, with what had followed by the day `on`.
-- given: their payments one by one, goods by their value; `given_fen` sums them up to this one.
opened as materialized (
    select stream, rank, version, (data ->> 'decided_on')::date as granted_on, data
    from facts
    where type = 'assistance.EmergencyAidGranted.v1' and {{register.said_by_day}}
),
followed as materialized (
    select stream, type, rank, version, (data ->> 'decided_on')::date as decided_on, data
    from facts
    where type in ('assistance.EmergencyEnded.v1', 'assistance.PaperworkCompleted.v1',
                   'assistance.AidInstalmentGranted.v1', 'assistance.AidConvertedToEnrolment.v1',
                   'assistance.AidFoundUnjustified.v1')
      and {{register.said_by_day}}
),
given as materialized (
    select stream, rank, stream || ':' || version as fact, decided_on, data ->> 'form' as form,
           (data ->> 'amount_fen')::bigint as amount_fen, data ->> 'level' as level,
           data ->> 'justification' as justification, data ->> 'collective_decision' as collective_decision,
           sum((data ->> 'amount_fen')::bigint) over (partition by stream order by rank)::bigint as given_fen
    from (
        select stream, rank, version, granted_on as decided_on, data from opened
        union all
        select stream, rank, version, decided_on, data
        from followed
        where type = 'assistance.AidInstalmentGranted.v1'
    ) as payments
),
steps as materialized (
    select stream,
           min(decided_on) filter (where type = 'assistance.EmergencyEnded.v1') as ended_on,
           min(decided_on) filter (where type = 'assistance.PaperworkCompleted.v1') as completed_on,
           min(decided_on) filter (where type = 'assistance.AidConvertedToEnrolment.v1') as converted_on,
           min(decided_on) filter (where type = 'assistance.AidFoundUnjustified.v1') as unjustified_on,
           sum((data ->> 'amount_fen')::bigint)
               filter (where type = 'assistance.AidFoundUnjustified.v1')::bigint as unjustified_fen,
           (array_agg((data ->> 'household')::uuid order by rank desc)
               filter (where data ->> 'household' is not null))[1] as household,
           array_agg(stream || ':' || version order by rank) as facts
    from followed
    group by stream
),
recipients as materialized (
    select stream, array_agg(distinct person::uuid order by person::uuid) as persons
    from (
        select stream, data from opened
        union all
        select stream, data from followed where type = 'assistance.PaperworkCompleted.v1'
    ) as naming
    cross join lateral jsonb_array_elements_text(data -> 'persons') as person
    group by stream
),
granted as materialized (
    select opened.stream as grant_id, opened.granted_on, opened.data ->> 'area' as emergency_area,
           opened.data ->> 'cause' as cause, opened.data ->> 'emergency' as emergency,
           opened.data ->> 'level' as level, coalesce((opened.data ->> 'recipients')::int, 1) as recipients,
           coalesce(steps.household, (opened.data ->> 'household')::uuid) as household,
           coalesce(recipients.persons, '{}') as persons, sums.cash_fen, sums.kind_fen, ended_on,
           completed_on, converted_on, unjustified_on, coalesce(unjustified_fen, 0) as unjustified_fen,
           least(completed_on, converted_on, unjustified_on) as settled_on,
           case when unjustified_on is not null then 'unjustified'
                when converted_on is not null then 'converted'
                when completed_on is not null then 'completed'
                when ended_on is not null then 'outstanding'
                else 'emergency' end as state,
           array[opened.stream || ':' || opened.version] || coalesce(steps.facts, '{}') as facts
    from opened
    left join steps using (stream)
    left join recipients using (stream)
    join (
        select stream, coalesce(sum(amount_fen) filter (where form = 'cash'), 0)::bigint as cash_fen,
               coalesce(sum(amount_fen) filter (where form = 'kind'), 0)::bigint as kind_fen
        from given
        group by stream
    ) as sums using (stream)
)

-- name: asked_of_grants
-- Settings count in the month of the grant, and of the emergency's end for the clock.
select area, date_trunc('month', granted_on)::date as month
from granted join homes on homes.stream = grant_id
union
select area, date_trunc('month', ended_on)::date
from granted join homes on homes.stream = grant_id
where ended_on is not null

-- name: helped
-- helped: the grants with the clock of their paperwork, which starts when the emergency ends (Law 50).
-- `counted` false: the calendar does not cover the term; due_on and overdue are then unknown.
helped as materialized (
    select granted.*, homes.area, paperwork_working_days, emergency_days,
           %(on)s::date - granted_on as emergency_for_days,
           coalesce(state = 'emergency' and %(on)s::date - granted_on > emergency_days, false)
               as emergency_too_long,
           state <> 'outstanding' or terms.day is not null as counted,
           case when state = 'outstanding' then terms.day end as due_on,
           case when state = 'outstanding' and ended.elapsed is not null
                then greatest(0, now.elapsed - ended.elapsed - paperwork_working_days) end
               as overdue_working_days
    from granted
    join homes on homes.stream = grant_id
    left join calendar as ended on ended.day = ended_on
    left join calendar as now on now.day = %(on)s::date
    left join lateral (
        select (settings ->> 'help_first.paperwork_working_days')::int as paperwork_working_days
        from settled
        where settled.area = homes.area and settled.month = date_trunc('month', ended_on)::date
    ) as clock on true
    left join lateral (
        select (settings ->> 'help_first.emergency_days')::int as emergency_days
        from settled
        where settled.area = homes.area and settled.month = date_trunc('month', granted_on)::date
    ) as patience on true
    left join terms on terms.elapsed = ended.elapsed + paperwork_working_days
)

-- name: asked
with recursive {{granted}},
{{register.homes}},
asked_settings as ({{asked_of_grants}}),
{{register.settled}},
{{calendar.calendar}},
{{helped}}

-- name: grants
{{asked}},
ordered as (
    select *, case when %(state)s::text = 'outstanding' then coalesce(due_on, ended_on) else granted_on end
                  as sort_day
    from helped
    where %(state)s::text is null or state = %(state)s::text
)
select sort_day, grant_id, state, area, emergency_area, cause, emergency, level, granted_on, recipients,
       household, persons, cash_fen, kind_fen, cash_fen + kind_fen as amount_fen, unjustified_fen, ended_on,
       due_on, overdue_working_days, emergency_for_days, emergency_too_long, completed_on, converted_on,
       unjustified_on, facts, counted
from ordered
where %(after_day)s::date is null or (sort_day, grant_id) > (%(after_day)s::date, %(after_grant)s::uuid)
order by sort_day, grant_id
limit %(limit)s::bigint

-- name: counts
{{asked}}
select state, count(*) as grants, sum(recipients)::bigint as recipients,
       count(*) filter (where overdue_working_days > 0) as overdue,
       count(*) filter (where emergency_too_long) as emergency_too_long,
       sum(cash_fen)::bigint as cash_fen, sum(kind_fen)::bigint as kind_fen,
       sum(unjustified_fen)::bigint as unjustified_fen,
       min(ended_on) filter (where not counted) as uncounted
from helped
group by state
order by state collate "C"
