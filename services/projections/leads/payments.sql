-- What payment lists leave to be looked into. All start from lists that count, or from what was reported of
-- their lines: where nothing was listed they cost nothing. An act counts from the day it was decided on.

-- name: stream_of_lists
(select stream from facts where type = 'assistance.PaymentListFrozen.v1' order by position limit 1)

-- name: lists_counting
-- Lists that were frozen by the day and neither rejected nor cancelled.
select list, kind, area, programme, month, computed_at, document, lines, total_fen, actor, known_from,
       decided_on as frozen_on, {{stream_of_lists}} || ':' || version as fact
from lists
where {{register.known}} and decided_on <= %(on)s::date

-- name: reported
-- The last report on each line.
select reference_id, status, results.reason, reported_on, {{stream_of_lists}} || ':' || results.version as fact
from results
join ({{reports}}) as reports using (version)
where {{register.known}}

-- name: reports
select version, (data ->> 'decided_on')::date as reported_on
from facts
where type = 'assistance.PaymentResultsRecorded.v1' and {{register.said_by_day}}

-- name: sent
-- When each list was first sent.
select distinct on (list) list, decided_on as sent_on, {{stream_of_lists}} || ':' || version as fact
from acts
where act = 'sent' and known_from <= %(position)s and decided_on <= %(on)s::date
order by list, known_from

-- name: list_disputed
select array[fact] as facts, null::uuid as household, null::uuid as person, area, month, frozen_on as day,
       jsonb_build_object('list', list, 'month', to_char(month, 'YYYY-MM'),
                          'frozen', left(counting.document, 12),
                          'computed', left(verifications.document, 12)) as figures
from ({{lists_counting}}) as counting
join verifications using (list)
where not agrees

-- name: frozen_not_approved
select array[fact] as facts, null::uuid as household, null::uuid as person, area, month, frozen_on as day,
       jsonb_build_object('list', list, 'month', to_char(month, 'YYYY-MM'), 'frozen_on', frozen_on,
                          'frozen_by', actor, 'lines', lines, 'total_fen', total_fen,
                          'days', %(on)s::date - frozen_on) as figures
from ({{lists_counting}}) as counting
where %(on)s::date - frozen_on > %(approval_days)s
  and not exists (
    select from acts
    where acts.list = counting.list and act = 'approved' and acts.known_from <= %(position)s
      and acts.decided_on <= %(on)s::date)

-- name: firsts
-- Since when areas list, as they said it themselves for the month before the day's.
select distinct on (area) area, in_force, ((value #>> '{}') || '-01')::date as first,
       stream || ':' || version as fact
from policies
where setting = 'lists.first_month' and {{register.known}}
  and effective <= %(last)s::date - interval '1 month'
order by area, ordinal desc

-- name: places_due
-- Where households stand on a roll that they entered before the day's month, with the nearest word on
-- since when the place lists.
select distinct on (stood.area, stood.stood_in, stood.programme)
       stood.area, stood.stood_in, stood.programme, households, firsts.first, firsts.fact,
       (%(last)s::date - interval '1 month')::date as month
from (
    select seats.area, stood_in, programme, count(distinct seats.household) as households
    from seats
    join decisions as entered
      on entered.enrols and entered.household = seats.household and entered.spell = seats.spell
    where entered.month < %(last)s::date and seats.month = %(last)s::date
    group by seats.area, stood_in, programme
) as stood
join ({{firsts}}) as firsts on firsts.area = left(stood.area, length(firsts.area))
where in_force
order by stood.area, stood.stood_in, stood.programme, length(firsts.area) desc

-- name: list_overdue
-- A month has ended, and no list that counts has it: by county, or the smaller area that is asked for.
select array_agg(distinct due.fact) as facts, null::uuid as household, null::uuid as person,
       left(due.area, greatest(6, length(%(within)s::text))) as area, due.month, %(last)s::date as day,
       jsonb_build_object('month', to_char(due.month, 'YYYY-MM'), 'households', sum(households),
                          'first', to_char(min(due.first), 'YYYY-MM')) as figures
from ({{places_due}}) as due
where due.first <= due.month
  and not exists (
    select from ({{lists_counting}}) as counting
    where counting.kind = 'monthly' and counting.month = due.month
      and counting.area in (left(due.area, length(counting.area)), left(due.stood_in, length(counting.area)))
      and (counting.programme is null
           or counting.programme in (due.programme, split_part(due.programme, '.', 1))))
group by left(due.area, greatest(6, length(%(within)s::text))), due.month

-- name: standards_late
-- Standards that rose and became known more than a month ago.
select stream, area, programme, period, amount_fen, effective, known_from, stream || ':' || version as fact,
       decided_on
from (
    select standards.stream, area, programme, in_force, period, amount_fen, standards.effective,
           standards.known_from, standards.version, (facts.data ->> 'decided_on')::date as decided_on,
           amount_fen * case period when 'year' then 1 else 12 end as year_fen,
           lag(amount_fen * case period when 'year' then 1 else 12 end) over (
               partition by area, programme order by ordinal) as before_fen
    from standards
    join facts on facts.stream = standards.stream and facts.version = standards.version
     and facts.type = 'assistance.StandardAdopted.v1'
    where kind = 'standard' and standards.known_from <= %(position)s
      and (standards.known_to is null or standards.known_to > %(position)s)
) as adopted
where in_force and year_fen >= coalesce(before_fen, 0)
  and %(on)s::date - decided_on > %(payment_days)s

-- name: standard_not_paid_out
-- Households were listed for a month of the standard before it was known; a list computed since then would
-- have made up for it, and where they were listed there is none.
with counting as materialized (
    select * from ({{lists_counting}}) as counting where kind = 'monthly'
),
late as materialized (
    select standards_late.*, counting.list, counting.fact as frozen
    from counting
    join ({{standards_late}}) as standards_late
      on counting.computed_at < standards_late.known_from and counting.month >= standards_late.effective
)
select array[late.fact] || array_agg(distinct late.frozen) as facts, null::uuid as household,
       null::uuid as person, left(parts.area, greatest(6, length(%(within)s::text))) as area,
       late.effective as month, late.decided_on as day,
       jsonb_build_object('programme', late.programme, 'amount_fen', late.amount_fen, 'period', late.period,
                          'month', to_char(late.effective, 'YYYY-MM'), 'decided_on', late.decided_on,
                          'households', count(distinct parts.subject),
                          'days', %(on)s::date - late.decided_on) as figures
from late
join parts using (list)
where parts.month >= late.effective and left(parts.area, length(late.area)) = late.area
  and late.programme in (parts.head, split_part(parts.head, '.', 1))
  and not exists (
    select from counting
    where counting.computed_at >= late.known_from and counting.area = left(parts.area, length(counting.area))
      and (counting.programme is null or counting.programme in (parts.head, split_part(parts.head, '.', 1))))
group by late.fact, late.programme, late.amount_fen, late.period, late.effective, late.decided_on,
         left(parts.area, greatest(6, length(%(within)s::text)))

-- name: result_missing
-- By list: its lines without a word from the payment system, or waiting, are those of state pending.
select array[sent.fact] as facts, null::uuid as household, null::uuid as person, counting.area,
       counting.month, sent_on as day,
       jsonb_build_object('list', counting.list, 'month', to_char(counting.month, 'YYYY-MM'),
                          'sent_on', sent_on, 'days', %(on)s::date - sent_on, 'missing', count(*),
                          'missing_fen', sum(lines.amount_fen)) as figures
from ({{lists_counting}}) as counting
join ({{sent}}) as sent using (list)
join lines using (list)
left join ({{reported}}) as reported using (reference_id)
where %(on)s::date - sent_on > %(payment_days)s and coalesce(reported.status, 'pdng') = 'pdng'
  and not exists (
    select from closures
    where closures.reference_id = lines.reference_id and closures.known_from <= %(position)s)
group by counting.list, counting.area, counting.month, sent_on, sent.fact

-- name: failures
-- Lines that failed or came back, since when, and the report that says so last.
select failed.reference_id, failed.status, failed.reason, failed.fact, min(reports.reported_on) as failed_on
from ({{reported}}) as failed
join results on results.reference_id = failed.reference_id and results.status in ('rjct', 'returned')
 and results.known_from <= %(position)s
join ({{reports}}) as reports using (version)
where failed.status in ('rjct', 'returned')
group by failed.reference_id, failed.status, failed.reason, failed.fact

-- name: failed_not_reissued
select array[failures.fact] as facts, lines.household, lines.payee as person, lines.area, counting.month,
       failed_on as day,
       jsonb_build_object('list', counting.list, 'month', to_char(counting.month, 'YYYY-MM'),
                          'amount_fen', lines.amount_fen, 'failed_on', failed_on,
                          'days', %(on)s::date - failed_on, 'reason', coalesce(failures.reason, failures.status))
           as figures
from ({{failures}}) as failures
join lines using (reference_id)
join ({{lists_counting}}) as counting using (list)
where %(on)s::date - failed_on > %(payment_days)s
  and not exists (
    select from closures
    where closures.reference_id = failures.reference_id and closures.known_from <= %(position)s)
  and not exists (
    select from lines as again
    join ({{lists_counting}}) as follow_up using (list)
    where again.reissues = failures.reference_id)

-- name: deaths
select distinct on (stream, data ->> 'person')
       (data ->> 'person')::uuid as person, stream as household, effective,
       (data ->> 'died_on')::date as died_on, stream || ':' || version as fact
from facts
where type = 'assistance.MemberDied.v1' and {{register.said_by_day}}
order by stream, data ->> 'person', position desc

-- name: bereft
-- Households and paid months in which nobody lived who was covered: the last word on each member of the
-- spell, and the last death among them.
select household, month, max(died_on) as died_on,
       array_agg(distinct fact) filter (where fact is not null) as deaths,
       (array_agg(person order by died_on desc nulls last))[1] as person
from (
    select paid.household, paid.month, members.person,
           (array_agg(present order by members.ordinal desc) filter (where present is not null))[1] as present,
           (array_agg(covered order by members.ordinal desc) filter (where covered is not null))[1] as covered,
           coalesce(max(members.ordinal) filter (where died)
                    > max(members.ordinal) filter (where present), false) as dead
    from (
        select mourning.household, each.month, max(standings.ordinal) as began
        from (select household, min(effective) as effective from ({{deaths}}) as deaths group by household)
            as mourning
        join (select distinct subject, month from parts where kind in ('monthly', 'area_grant')) as each
          on each.subject = mourning.household and each.month >= mourning.effective
        join standings on standings.household = mourning.household and on_roll
         and standings.effective <= each.month and standings.known_from <= %(position)s
         and (standings.known_to is null or standings.known_to > %(position)s)
        group by mourning.household, each.month
    ) as paid
    join standings on standings.household = paid.household and standings.ordinal = paid.began and on_roll
     and standings.known_from <= %(position)s
     and (standings.known_to is null or standings.known_to > %(position)s)
    join members on members.household = paid.household and members.spell = standings.spell
     and members.effective <= paid.month and members.ordinal >= paid.began
     and members.known_from <= %(position)s and (members.known_to is null or members.known_to > %(position)s)
    group by paid.household, paid.month, members.person
) as words
left join ({{deaths}}) as deaths using (household, person)
group by household, month
having not bool_or(coalesce(present and covered, false) and not dead) and max(died_on) is not null

-- name: paid_after_death
-- Paid for a month that no covered member saw, or to a person who had died when the list was sent.
-- Funeral aid is for the dead.
with paid as materialized (
    select lines.*, reported.reported_on, reported.fact
    from ({{reported}}) as reported
    join lines using (reference_id)
    where status = 'succ' and exists (select from ({{deaths}}) as deaths)
),
found as (
    select paid.reference_id, 1 as place, 'the last covered member had died' as finding, bereft.person,
           min(bereft.died_on) as died_on, min(parts.month) as month, sum(parts.fen) as fen,
           min(bereft.deaths) as deaths
    from ({{bereft}}) as bereft
    join parts on parts.subject = bereft.household and parts.month = bereft.month
    join paid using (reference_id)
    group by paid.reference_id, bereft.person
    having sum(parts.fen) > 0
    union all
    select paid.reference_id, 2, 'its payee had died', deaths.person, died_on, lists.month,
           paid.amount_fen, array[deaths.fact]
    from paid
    join ({{deaths}}) as deaths on deaths.person = paid.payee
    join lists using (list)
    left join ({{sent}}) as sent using (list)
    where paid.head <> 'funeral_aid' and died_on < coalesce(sent_on, lists.decided_on)
)
select distinct on (reference_id)
       found.deaths || paid.fact as facts, paid.household, found.person, paid.area, found.month,
       paid.reported_on as day,
       jsonb_build_object('amount_fen', found.fen, 'month', to_char(found.month, 'YYYY-MM'),
                          'paid_on', paid.reported_on, 'finding', found.finding, 'died_on', found.died_on)
           as figures
from found
join paid using (reference_id)
order by reference_id, place

-- name: paid_twice
-- A line and another that repeats it, both paid.
with recursive issued as (
    select reference_id as first, reference_id
    from lines
    where reissues is null and known_from <= %(position)s
      and reference_id in (select reissues from lines where reissues is not null)
    union all
    select issued.first, again.reference_id
    from issued
    join lines as again on again.reissues = issued.reference_id
    where again.known_from <= %(position)s
),
paid as (
    select first, count(*) as times, array_agg(reported.fact order by reported.fact) as facts,
           max(reported_on) as paid_on
    from issued
    join ({{reported}}) as reported using (reference_id)
    where status = 'succ'
    group by first
    having count(*) > 1
)
select paid.facts, lines.household, lines.payee as person, lines.area, lists.month, paid_on as day,
       jsonb_build_object('amount_fen', lines.amount_fen, 'times', times,
                          'month', to_char(lists.month, 'YYYY-MM'), 'paid_on', paid_on) as figures
from paid
join lines on lines.reference_id = paid.first
join lists using (list)

-- name: recovery_above_listed
-- More is ordered back for a month than lists that count ordered for it, for the household and for those
-- that it absorbed.
with ordered as (
    select household, month, sum(fen) as ordered_fen, max(ordered_on) as ordered_on,
           array_agg({{stream_of_lists}} || ':' || version order by version) as facts
    from recovery_parts
    join (
        select version, (data ->> 'decided_on')::date as ordered_on
        from facts
        where type = 'assistance.RecoveryOrdered.v1' and {{register.said_by_day}}
    ) as orders using (version)
    where {{register.known}}
    group by household, month
),
whose as (
    select household, household as subject from ordered
    union
    select household, (data ->> 'absorbed')::uuid
    from ordered
    join facts on facts.stream = household and type = 'assistance.HouseholdsMerged.v1' and {{register.said}}
),
listed as (
    select whose.household, counted.month, sum(counted.fen) as listed_fen
    from whose
    join (select subject, month, fen from parts where kind = 'monthly' and {{register.known}}) as counted
      using (subject)
    group by whose.household, counted.month
)
select ordered.facts, ordered.household, null::uuid as person, homes.area, ordered.month,
       ordered_on as day,
       jsonb_build_object('ordered_fen', ordered_fen, 'listed_fen', coalesce(listed_fen, 0),
                          'month', to_char(ordered.month, 'YYYY-MM'), 'ordered_on', ordered_on) as figures
from ordered
left join listed using (household, month)
join homes on homes.stream = ordered.household
where ordered_fen > coalesce(listed_fen, 0)
