-- name: raised_alerts
-- raised_alerts: every alert raised by the day `on`, with its visits and its resolution.
raised_alerts as materialized (
    select opened.stream as alert_id, opened.stream || ':' || opened.version as fact,
           (opened.data ->> 'decided_on')::date as raised_on, opened.data ->> 'kind' as kind,
           opened.data ->> 'urgency' as urgency,
           case opened.data ->> 'urgency' when 'urgent' then 1 when 'high' then 2 else 3 end as urgency_rank,
           coalesce(resolved.household, visits.household, (opened.data ->> 'household')::uuid) as household,
           (opened.data ->> 'person')::uuid as person, (opened.data ->> 'amount_fen')::bigint as amount_fen,
           opened.data ->> 'source' as source, coalesce(visits.visits, 0) as visits, visits.last_visit_on,
           visits.found, resolved.outcome, resolved.resolved_on,
           array[opened.stream || ':' || opened.version]
           || coalesce(visits.facts, '{}') || coalesce(resolved.facts, '{}') as facts
    from facts as opened
    left join (
        select stream, count(*) as visits, max((data ->> 'decided_on')::date) as last_visit_on,
               (array_agg(data ->> 'found' order by (data ->> 'decided_on')::date desc, rank desc))[1] as found,
               (array_agg((data ->> 'household')::uuid order by rank desc)
                   filter (where data ->> 'household' is not null))[1] as household,
               array_agg(stream || ':' || version order by rank) as facts
        from facts
        where type = 'assistance.HomeVisited.v1' and {{register.said_by_day}}
        group by stream
    ) as visits using (stream)
    left join (
        select stream, max(data ->> 'outcome') as outcome, max((data ->> 'decided_on')::date) as resolved_on,
               (array_agg((data ->> 'household')::uuid))[1] as household,
               array_agg(stream || ':' || version order by rank) as facts
        from facts
        where type = 'assistance.AlertResolved.v1' and {{register.said_by_day}}
        group by stream
    ) as resolved using (stream)
    where opened.type = 'assistance.AlertRaised.v1' and {{register.said_by_day}}
)

-- name: open_referrals
-- open_referrals: referrals that were neither declined nor ended in help; `answer` says accepted, or null.
open_referrals as materialized (
    select made.stream as referral_id, (made.data ->> 'decided_on')::date as made_on,
           made.data ->> 'to' as department, made.data ->> 'need' as need,
           (made.data ->> 'household')::uuid as household, (made.data ->> 'person')::uuid as person,
           (made.data ->> 'alert')::uuid as alert, answers.answer, answers.answered_on,
           array[made.stream || ':' || made.version] || coalesce(answers.facts, '{}') as facts
    from facts as made
    left join (
        select stream, (array_agg(data ->> 'outcome' order by rank desc))[1] as answer,
               max((data ->> 'decided_on')::date) as answered_on,
               array_agg(stream || ':' || version order by rank) as facts
        from facts
        where type = 'assistance.ReferralAnswered.v1' and {{register.said_by_day}}
        group by stream
    ) as answers using (stream)
    where made.type = 'assistance.ReferralMade.v1' and {{register.said_by_day}}
      and coalesce(answers.answer, 'accepted') = 'accepted'
)

-- name: alerts
with {{raised_alerts}},
{{register.homes}}
select alert_id, area, kind, urgency, urgency_rank, raised_on, %(on)s::date - raised_on as open_for_days,
       household, person, amount_fen, source, visits, last_visit_on, found, facts
from raised_alerts
join homes on homes.stream = alert_id
where outcome is null
  and (%(kind)s::text is null or kind = %(kind)s::text)
  and (%(urgency)s::text is null or urgency = %(urgency)s::text)
  and (%(after_rank)s::int is null or
       (urgency_rank, raised_on, alert_id)
       > (%(after_rank)s::int, %(after_day)s::date, %(after_alert)s::uuid))
order by urgency_rank, raised_on, alert_id
limit %(limit)s::bigint

-- name: referrals
with {{open_referrals}},
{{register.homes}}
select referral_id, area, department, need, made_on, %(on)s::date - made_on as open_for_days, household,
       person, alert, answer, answered_on, facts
from open_referrals
left join homes on homes.stream = household
where (%(area)s::text is null or area is not null)
  and (%(department)s::text is null or department = %(department)s::text)
  and (%(after_day)s::date is null or
       (made_on, referral_id) > (%(after_day)s::date, %(after_referral)s::uuid))
order by made_on, referral_id
limit %(limit)s::bigint
