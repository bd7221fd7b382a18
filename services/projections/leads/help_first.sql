-- Help-first aid whose paperwork, ceiling or number asks for a look.

-- name: paperwork_overdue
select facts, household, null::uuid as person, area, null::date as month, ended_on as day,
       jsonb_build_object('ended_on', ended_on, 'due_on', coalesce(due_on::text, 'before the calendar begins'),
                          'overdue_working_days', overdue, 'amount_fen', cash_fen + kind_fen) as figures
from helped
cross join lateral (
    select coalesce(overdue_working_days,
                    (select elapsed from calendar where day = %(on)s::date) - paperwork_working_days) as overdue
) as at_least
where state = 'outstanding' and overdue > 0 and (counted or ended_on < %(calendar_from)s::date)

-- name: emergency_too_long
select facts, household, null::uuid as person, area, null::date as month, granted_on as day,
       jsonb_build_object('granted_on', granted_on, 'days', emergency_for_days, 'term', emergency_days,
                          'amount_fen', cash_fen + kind_fen) as figures
from helped
where emergency_too_long

-- name: payments
-- Each payment with the ceiling of the level that granted it, in the month of the grant.
select helped.grant_id, helped.household, area, fact, given.decided_on, given.level, given_fen, ceiling_fen,
       justification, collective_decision
from helped
join given on given.stream = grant_id
join settled using (area)
cross join lateral (
    select (settings ->> ('help_first.ceiling_fen.' || given.level))::bigint as ceiling_fen
) as limits
where settled.month = date_trunc('month', granted_on)::date and ceiling_fen is not null

-- name: above_ceiling
select array[fact] as facts, household, null::uuid as person, area, null::date as month, decided_on as day,
       jsonb_build_object('given_fen', given_fen, 'level', level, 'ceiling_fen', ceiling_fen) as figures
from ({{payments}}) as payments
where given_fen > ceiling_fen and justification is not null and collective_decision is not null

-- name: above_ceiling_unjustified
select array[fact] as facts, household, null::uuid as person, area, null::date as month, decided_on as day,
       jsonb_build_object(
           'given_fen', given_fen, 'level', level, 'ceiling_fen', ceiling_fen,
           'missing', concat_ws(' and ', case when justification is null then 'justification' end,
                                case when collective_decision is null then 'collective decision' end)) as figures
from ({{payments}}) as payments
where given_fen > ceiling_fen and (justification is null or collective_decision is null)

-- name: just_under_ceiling
select array[fact] as facts, household, null::uuid as person, area, null::date as month, decided_on as day,
       jsonb_build_object('given_fen', given_fen, 'level', level, 'ceiling_fen', ceiling_fen,
                          'share_percent', given_fen * 100 / ceiling_fen) as figures
from ({{payments}}) as payments
where given_fen <= ceiling_fen and given_fen * 10000 >= ceiling_fen * %(under_ceiling_bp)s and ceiling_fen > 0

-- name: helped_subjects
-- Whom a grant helped: its household, else each of its persons.
select helped.*, household as subject, household as for_household, null::uuid as for_person
from helped
where household is not null
union all
select helped.*, person, null, person
from helped
cross join lateral unnest(persons) as person
where household is null

-- name: several_on_one_day
select array_agg(facts[1] order by grant_id) as facts, for_household as household, for_person as person,
       min(area) as area, null::date as month, granted_on as day,
       jsonb_build_object('granted_on', granted_on, 'grants', count(*), 'amount_fen', sum(cash_fen + kind_fen))
           as figures
from ({{helped_subjects}}) as helped_subjects
group by subject, for_household, for_person, granted_on
having count(*) > 1

-- name: again_while_due
with helped_subjects as materialized ({{helped_subjects}})
select array[earlier.facts[1], again.facts[1]] as facts, again.for_household as household,
       again.for_person as person, again.area, null::date as month, again.granted_on as day,
       jsonb_build_object('cause', again.cause, 'granted_on', again.granted_on, 'earlier_on', earlier.granted_on,
                          'amount_fen', again.cash_fen + again.kind_fen,
                          'justified', case when payment.justification is null then 'without justification'
                              when payment.collective_decision is null then 'without a collective decision'
                              else 'with justification and collective decision' end) as figures
from helped_subjects as again
join helped_subjects as earlier using (subject, cause)
join given as payment on payment.fact = again.facts[1]
where (earlier.granted_on, earlier.grant_id) < (again.granted_on, again.grant_id)
  and (earlier.settled_on is null or earlier.settled_on > again.granted_on)
