-- Parameters: from_month and to_month, between which the exits lie (the first months off the roll); last, a
-- month after all that is known; position, area, programme, reason.

-- name: ended
-- ended: each spell that ended, once: the first month off the roll, the decision that holds in it, and
-- the month from which the household was on a roll again. A grace period's end gives way to an exit in it.
{{register.subjects_in_area}},
{{register.standing}},
begun as (
    select household, spell, effective, until, ordinal,
           lead(effective) over (partition by household order by ordinal) as returned
    from standing
    where on_roll
),
ended as materialized (
    select distinct on (begun.household, begun.spell)
           begun.household, begun.spell, begun.effective as since, begun.returned, gone.effective as month,
           gone.reason, gone.version, gone.rank
    from begun
    join standing as gone on gone.household = begun.household and gone.spell = begun.spell
     and not gone.on_roll and gone.ordinal > begun.ordinal
    where begun.effective < begun.until
    order by begun.household, begun.spell, gone.effective, gone.ordinal desc
)

-- name: leaving
-- spans_due: what the household was entitled to, and where it stood, in the month before it left.
{{ended}},
leaving as materialized (
    select * from ended
    where month between %(from_month)s::date and %(to_month)s::date
      and (%(reason)s::text is null or reason = %(reason)s::text)
),
spans as materialized (
    select household, (month - interval '1 month')::date as month, month as until from leaving
),
{{register.roll}},
{{register.attributes}},
{{register.persons}},
{{register.classes}},
stood as (select * from resolved),
{{register.seated}},
{{totals.priced_spans}}

-- name: known
position <= %(position)s and (known_to is null or known_to > %(position)s)

-- name: procedure
-- Of each exit: the hearing on it, on or before the decision and in its spell (Law 48), and the notice.
audited as (
    select leaving.*, spans_due.programme, spans_due.area, spans_due.stood_in, spans_due.members,
           spans_due.covered, spans_due.entitled_fen as last_fen,
           decided.data ->> 'text' as text, decided.data ->> 'legal_basis' as legal_basis,
           (decided.data ->> 'decided_on')::date as decided_on, decided.recorded_at,
           decided.data ->> 'decided_by' as decided_by, decided.data ->> 'actor' as actor,
           (decided.data ->> 'went_to')::uuid as went_to,
           coalesce((decided.data ->> 'migrated')::boolean, false) as migrated,
           leaving.reason = 'grace_ended' as derived,
           leaving.reason not in ('death', 'merged')
           and not (leaving.reason = 'voluntary'
                    and coalesce(decided.data ->> 'signed_request_on' <= decided.data ->> 'decided_on', false))
               as hearing_needed
    from leaving
    join spans_due on spans_due.household = leaving.household
     and spans_due.month = leaving.month - interval '1 month'
    join facts as decided on decided.stream = leaving.household and decided.version = leaving.version
),
proceeded as (
    select audited.*, heard.fact as heard_by, heard.day as heard_on,
           case when heard.fact is not null then heard.manner
                when hearing_needed then 'missing' else 'not_needed' end as hearing,
           notice.fact as notice, notice.day as notified_on, grace.effective as grace_from,
           grace.until as grace_until
    from audited
    left join lateral (
        select stream || ':' || version as fact, (data ->> 'decided_on')::date as day, data ->> 'manner' as manner
        from facts
        where stream = audited.household and type = 'assistance.OpinionHeard.v1' and {{known}}
          and spell = audited.spell and (data -> 'intended') ? 'exit'
          and (data ->> 'decided_on')::date <= audited.decided_on
        order by day desc, version desc
        limit 1
    ) as heard on true
    left join lateral (
        select served.stream || ':' || served.version as fact, (data ->> 'decided_on')::date as day
        from facts as served
        cross join lateral (
            select split_part(data ->> 'decision', ':', 2)::int as version
            where starts_with(data ->> 'decision', served.stream::text || ':')
        ) as named
        left join corrections on corrections.stream = served.stream and corrections.version = named.version
        where served.stream = audited.household and type = 'assistance.NoticeServed.v1' and {{known}}
          and coalesce(corrections.rank, named.version) = audited.rank
        order by served.version
        limit 1
    ) as notice on true
    left join lateral (
        select graces.effective, graces.until
        from graces
        where graces.household = audited.household and graces.spell = audited.spell and {{register.known}}
          and graces.effective <= audited.month
          and not exists (
            select from revocations as revoked
            where revoked.household = graces.household and revoked.revoked_rank = graces.rank
              and {{register.known}})
        order by ordinal desc
        limit 1
    ) as grace on true
)

-- name: exits
with recursive {{leaving}},
{{procedure}},
listed as (
    select household, (month + interval '1 month')::date as month, array_agg(person order by person) as persons
    from persons
    where covered
    group by household, month
)
select household, spell, since, month, reason, derived, text, legal_basis, decided_on, recorded_at, decided_by,
       actor, migrated, household || ':' || version as "exit", programme, area, stood_in, members, covered,
       coalesce(persons, '{}') as persons, last_fen, hearing, heard_on, heard_by, notified_on, notice, grace_from, grace_until, returned,
       ((extract(year from returned) - extract(year from month)) * 12
        + extract(month from returned) - extract(month from month))::int as months_away, went_to
from proceeded
left join listed using (household, month)
where %(after_month)s::date is null
   or (month, household, spell) > (%(after_month)s::date, %(after_household)s::uuid, %(after_spell)s::int)
order by month, household, spell
limit %(limit)s::bigint

-- name: counts
with recursive {{leaving}},
{{procedure}},
grouped as (
    select case when %(by_month)s then month end as month,
           case when %(digits)s::int is not null then left(area, %(digits)s::int) end collate "C" as area,
           case when %(by_programme)s then programme end collate "C" as programme,
           case when %(by_reason)s then reason end collate "C" as reason,
           covered, last_fen, hearing, notice, grace_from, returned
    from proceeded
)
select month, area, programme, reason, count(*) as exits, sum(covered)::bigint as persons,
       count(*) filter (where hearing = 'missing') as unheard, count(*) filter (where notice is null) as unnotified,
       count(grace_from) as after_grace, count(returned) as returned, sum(last_fen)::bigint as last_fen
from grouped
group by month, area, programme, reason
order by month, area, programme, reason

-- name: departures
-- Persons who are no longer covered, in households that were on the roll the month before.
with recursive {{register.subjects_in_area}},
{{register.standing}},
said as materialized (
    select household, spell, person, effective as month, version, rank
    from spells
    join members using (household, spell)
    where {{register.known}} and ordinal >= began and (not present or not covered)
      and effective between %(from_month)s::date and %(to_month)s::date
),
spans as materialized (
    select distinct household, each.month::date as month, (each.month + interval '1 month')::date as until
    from said
    cross join lateral (values (said.month - interval '1 month'), (said.month)) as each (month)
),
{{register.roll}},
{{register.attributes}},
{{register.persons}},
stood as (select * from attributed),
{{register.places}},
departed as (
    select distinct on (said.month, said.household, said.person) said.*
    from said
    join persons as before on before.household = said.household and before.person = said.person
     and before.month = said.month - interval '1 month' and before.covered
    left join persons as now on now.household = said.household and now.person = said.person
     and now.month = said.month and now.covered
    where now.person is null
    order by said.month, said.household, said.person, said.rank desc
),
decided as (
    select departed.*, facts.type, facts.recorded_at, facts.data,
           (facts.data ->> 'decided_on')::date as decided_on,
           case facts.type when 'assistance.MemberDied.v1' then 'death'
                when 'assistance.HouseholdSplit.v1' then 'split' else facts.data ->> 'reason' end as reason
    from departed
    join facts on facts.stream = departed.household and facts.version = departed.version
)
select decided.month, decided.household, decided.person, decided.spell, decided.type,
       decided.reason, decided.data ->> 'legal_basis' as legal_basis, decided_on, recorded_at,
       decided.data ->> 'actor' as actor, decided.household || ':' || decided.version as fact,
       (decided.data ->> 'died_on')::date as died_on, seats.programme, seats.area, seats.stood_in,
       case when heard.manner is not null then heard.manner
            when decided.reason in ('death', 'split') then 'not_needed' else 'missing' end as hearing,
       heard.day as heard_on, back.effective as returned, (decided.data ->> 'new_household')::uuid as went_to
from decided
join seats on seats.household = decided.household and seats.month = decided.month - interval '1 month'
left join lateral (
    select (data ->> 'decided_on')::date as day, data ->> 'manner' as manner
    from facts
    where stream = decided.household and facts.type = 'assistance.OpinionHeard.v1' and {{known}}
      and spell = decided.spell and (data -> 'intended') ? 'member_lost'
      and (data ->> 'decided_on')::date <= decided.decided_on
    order by day desc, version desc
    limit 1
) as heard on true
left join lateral (
    select min(again.effective) as effective
    from members as again
    where again.person = decided.person and again.effective > decided.month and again.covered and {{register.known}}
      and not exists (
        select from revocations as revoked
        where revoked.household = again.household and revoked.revoked_spell = again.spell and {{register.known}})
) as back on true
where (%(reason)s::text is null or decided.reason = %(reason)s::text)
  and (%(after_month)s::date is null
       or (decided.month, decided.household, decided.person)
          > (%(after_month)s::date, %(after_household)s::uuid, %(after_person)s::uuid))
order by decided.month, decided.household, decided.person
limit %(limit)s::bigint
