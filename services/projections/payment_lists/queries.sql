-- name: first_listed_anywhere
-- No month before it is on any list; null while no place has said from when on it lists. What was said
-- otherwise since counts too: lists of that time have its months.
select min(((value #>> '{}') || '-01')::date) as first
from policies
where setting = 'lists.first_month' and in_force and known_from <= %(position)s

-- name: lists_version
-- The version of the cell's stream of lists and recoveries, as known; 0 while there is none.
select coalesce(max(version), 0) as version
from facts
where position <= %(position)s and stream = (
    select stream from facts
    where type in ('assistance.PaymentListFrozen.v1', 'assistance.RecoveryOrdered.v1')
    order by position limit 1)

-- name: list
-- What is on record of one list, as known.
{{lists_known}}
where lists.list = %(list)s and lists.known_from <= %(position)s

-- name: lists
{{lists_known}}
where lists.known_from <= %(position)s
  and (%(area)s::text is null or (area >= %(area)s::text and area < %(area)s::text || ':'))
  and (%(month)s::date is null or month = %(month)s::date)
  and (%(after)s::bigint is null or lists.known_from < %(after)s::bigint)
order by lists.known_from desc
limit %(limit)s::bigint

-- name: lists_known
select lists.list, kind, area, programme, month, computed_at, lists_version, calculation, lists.document, lists.lines,
       lists.total_fen, lists.reissues, lists.area_grant, lists.actor as frozen_by, lists.decided_on as frozen_on,
       approved.actor as approved_by,
       sent.recorded_at as sent_at, sent.detail as sent_as,
       case when gone.act is not null then gone.act
            when sent.act is not null then 'sent'
            when approved.act is not null then 'approved'
            else 'frozen' end as status,
       last.version as version, lists.known_from, verifications.document as computed_document,
       verifications.agrees
from lists
left join lateral (
    select act, actor from acts
    where acts.list = lists.list and act = 'approved' and acts.known_from <= %(position)s
    limit 1) as approved on true
left join lateral (
    select act, recorded_at, detail from acts
    where acts.list = lists.list and act = 'sent' and acts.known_from <= %(position)s
    order by acts.known_from limit 1) as sent on true
left join lateral (
    select act from acts
    where acts.list = lists.list and act in ('rejected', 'cancelled') and acts.known_from <= %(position)s
    limit 1) as gone on true
cross join lateral (
    select max(version) as version
    from (
        select lists.version
        union all
        select version from acts where acts.list = lists.list and acts.known_from <= %(position)s
        union all
        select version from results where results.list = lists.list and results.known_from <= %(position)s
        union all
        select version from closures where closures.list = lists.list and closures.known_from <= %(position)s
    ) as versions
) as last
left join verifications on verifications.list = lists.list

-- name: lines_of_list
select ordinal, reference_id, subject, household, head, area, payee, amount_fen, reissues,
       array(select jsonb_build_array(to_char(parts.month, 'YYYY-MM'), parts.fen)
             from parts
             where parts.list = lines.list and parts.subject = lines.subject and parts.head = lines.head
             order by parts.month) as parts
from lines
where list = %(list)s and ordinal > %(after)s and known_from <= %(position)s
order by ordinal
limit %(limit)s::bigint

-- name: unverified
-- The oldest frozen list that nobody computed again yet, by a calculation that is known here.
select list, kind, area, programme, month, computed_at, calculation, document, reissues, area_grant
from lists
where calculation = %(calculation)s
  and known_from <= %(position)s
  and not exists (select from verifications where verifications.list = lists.list)
order by known_from
limit 1

-- name: verified
insert into payment_lists.verifications (list, document, agrees)
select %(list)s, %(document)s, %(agrees)s
on conflict (list) do update set document = excluded.document, agrees = excluded.agrees

-- name: line_states
-- line_states: each line in one state: paid, failed, returned, pending or closed. A line that nobody
-- reported on is pending, as one that waits.
line_states as (
    select lines.list, lines.ordinal, lines.reference_id, lines.subject, lines.head, lines.area,
           lines.amount_fen, reported.status, reported.reason, reported.reported_at,
           closures.reason as closed_for,
           case when closures.reference_id is not null then 'closed'
                when reported.status = 'succ' then 'paid'
                when reported.status = 'rjct' then 'failed'
                when reported.status = 'returned' then 'returned'
                else 'pending' end as state
    from lines
    left join results as reported on reported.reference_id = lines.reference_id
     and reported.known_from <= %(position)s
     and (reported.known_to is null or reported.known_to > %(position)s)
    left join closures on closures.reference_id = lines.reference_id and closures.known_from <= %(position)s
    where lines.known_from <= %(position)s
      and (%(list)s::uuid is null or lines.list = %(list)s::uuid)
)

-- name: reconciliations
-- Of lists that count: what was listed is paid, failed, returned, pending or closed, to the fen.
with
{{line_states}}
select lists.list, lists.kind, lists.area, lists.programme, lists.month,
       count(line_states.list) as lines, coalesce(sum(line_states.amount_fen), 0)::bigint as listed_fen,
       count(*) filter (where state = 'paid') as paid,
       coalesce(sum(line_states.amount_fen) filter (where state = 'paid'), 0)::bigint as paid_fen,
       count(*) filter (where state = 'failed') as failed,
       coalesce(sum(line_states.amount_fen) filter (where state = 'failed'), 0)::bigint as failed_fen,
       count(*) filter (where state = 'returned') as returned,
       coalesce(sum(line_states.amount_fen) filter (where state = 'returned'), 0)::bigint as returned_fen,
       count(*) filter (where state = 'pending') as pending,
       coalesce(sum(line_states.amount_fen) filter (where state = 'pending'), 0)::bigint as pending_fen,
       count(*) filter (where state = 'closed') as closed,
       coalesce(sum(line_states.amount_fen) filter (where state = 'closed'), 0)::bigint as closed_fen,
       (select count(*) from lines as again join lists as follow_up on follow_up.list = again.list
        where follow_up.reissues = lists.list and follow_up.known_from <= %(position)s
          and (follow_up.known_to is null or follow_up.known_to > %(position)s)) as reissued
from lists
left join line_states on line_states.list = lists.list
where lists.known_from <= %(position)s and (lists.known_to is null or lists.known_to > %(position)s)
  and (%(list)s::uuid is null or lists.list = %(list)s::uuid)
  and (%(area)s::text is null or (lists.area >= %(area)s::text and lists.area < %(area)s::text || ':'))
  and (%(month)s::date is null or lists.month = %(month)s::date)
group by lists.list, lists.kind, lists.area, lists.programme, lists.month, lists.known_from
order by lists.known_from

-- name: states_of_lines
with
{{line_states}}
select ordinal, reference_id, subject, head, area, amount_fen, state, status, reason, reported_at, closed_for
from line_states
where list = %(list)s and ordinal > %(after)s and (%(state)s::text is null or state = %(state)s::text)
order by ordinal
limit %(limit)s::bigint

-- name: measured_parts
-- measured_parts: what was listed on monthly lists that count, and what of it was paid, by the month that it
-- is for: a line that failed is paid by the one that repeats it.
measured_parts as (
    select parts.list, parts.subject, parts.month, parts.area, parts.head, parts.fen,
           parts.kind = 'monthly' as listed, coalesce(reported.status = 'succ', false) as paid,
           parts.reference_id
    from parts
    left join results as reported on reported.reference_id = parts.reference_id
     and reported.known_from <= %(position)s
     and (reported.known_to is null or reported.known_to > %(position)s)
    where parts.kind in ('monthly', 'reissue')
      and split_part(parts.head, '.', 1) in ('dibao', 'tekun')
      and parts.known_from <= %(position)s and (parts.known_to is null or parts.known_to > %(position)s)
      and parts.month between %(first)s and %(last)s
      and (%(area)s::text is null or (parts.area >= %(area)s::text and parts.area < %(area)s::text || ':'))
      and (%(programme)s::text is null or parts.head = %(programme)s::text
           or split_part(parts.head, '.', 1) = %(programme)s::text)
)

-- name: lines_listed
with
{{measured_parts}}
select month, subject as household, area, head as programme, fen, list, reference_id
from measured_parts
where case when %(paid)s then paid else listed end
  and (%(after_month)s::date is null
       or (month, subject, list) > (%(after_month)s::date, %(after_household)s::uuid, %(after_list)s::uuid))
order by month, subject, list
limit %(limit)s::bigint

-- name: recoveries
-- What is being got back: ordered, received, waived, and what is left to be settled.
select recoveries.recovery, recoveries.household, ground, legal_basis, actor as ordered_by,
       decided_on as ordered_on, parts.months, parts.fen as ordered_fen,
       coalesce(settled.received_fen, 0) as received_fen, coalesce(settled.waived_fen, 0) as waived_fen,
       parts.fen - coalesce(settled.received_fen, 0) - coalesce(settled.waived_fen, 0) as balance_fen
from recoveries
cross join lateral (
    select sum(fen)::bigint as fen,
           jsonb_agg(jsonb_build_object('month', to_char(month, 'YYYY-MM'), 'fen', fen) order by month) as months
    from recovery_parts
    where recovery_parts.recovery = recoveries.recovery and {{register.known}}
) as parts
left join lateral (
    select coalesce(sum(fen) filter (where not waived), 0)::bigint as received_fen,
           coalesce(sum(fen) filter (where waived), 0)::bigint as waived_fen
    from receipts
    where receipts.recovery = recoveries.recovery and {{register.known}}
) as settled on true
where {{register.known}}
  and (%(household)s::uuid is null or recoveries.household = %(household)s::uuid)
  and (%(after)s::uuid is null or recoveries.recovery > %(after)s::uuid)
order by recoveries.recovery
limit %(limit)s::bigint
