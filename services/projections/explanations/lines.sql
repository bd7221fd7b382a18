-- What an explanation of a line starts from: the line, what was listed before it, recoveries, grants.
-- Parameters: position; list, reference, household; households, last (a month, as its first day).

-- name: frozen_as
lists.list, lists.kind, lists.area as list_area, lists.programme as list_programme,
       lists.month as list_month, lists.computed_at, lists.reissues as reissues_list, lists.area_grant,
       lists.actor as frozen_by, lists.decided_on as frozen_on,
       frozen.stream || ':' || frozen.version as frozen

-- name: lines_listed
-- The lines of a list, or one of them, or those of one household, with what their list was frozen as.
select {{frozen_as}}, lines.subject, lines.household, lines.head, lines.area, lines.payee, lines.amount_fen,
       lines.reference_id, lines.reissues,
       array(select jsonb_build_array(parts.month, parts.fen)
             from parts
             where parts.list = lines.list and parts.subject = lines.subject and parts.head = lines.head
             order by parts.month) as parts
from lists
join facts as frozen on frozen.position = lists.known_from
join lines on lines.list = lists.list
where lists.list = %(list)s and lists.known_from <= %(position)s
  and (%(reference)s::uuid is null or lines.reference_id = %(reference)s::uuid)
  and (%(household)s::uuid is null or %(household)s::uuid in (lines.subject, lines.household))
order by lines.ordinal

-- name: list_frozen
-- What a list was frozen as.
select {{frozen_as}}
from lists
join facts as frozen on frozen.position = lists.known_from
where lists.list = %(list)s and lists.known_from <= %(position)s

-- name: mergers
-- The mergers by which a household is kin to others: it absorbed them, or they absorbed it, in turn.
with recursive mergers as materialized (
    select (data ->> 'absorbed')::uuid as absorbed, stream as survivor, effective, stream || ':' || version as fact
    from facts
    where type = 'assistance.HouseholdsMerged.v1' and {{register.said}} and effective <= %(last)s
),
kin as (
    select %(household)s::uuid as household
    union
    select case when mergers.survivor = kin.household then absorbed else survivor end
    from kin
    join mergers on kin.household in (mergers.survivor, mergers.absorbed)
)
select absorbed, survivor, effective, fact
from mergers
where survivor in (select household from kin)
order by effective, fact

-- name: listed
-- What monthly lists that count ordered for the households, month by month; negative: an offset.
select listed.subject as household, listed.month, listed.fen, listed.list, listed.area, listed.head,
       listed.known_from, lists.month as list_month, frozen.stream || ':' || frozen.version as fact
from (
    select *
    from parts
    where subject = any (%(households)s) and kind = 'monthly' and {{register.known}} and month <= %(last)s
) as listed
join lists on lists.list = listed.list
join facts as frozen on frozen.position = lists.known_from
order by listed.month, listed.known_from, listed.subject <> %(household)s, listed.subject

-- name: ordered
-- What recoveries order the households to pay back, month by month.
select ordered.recovery, ordered.household, ordered.month, ordered.fen,
       facts.stream || ':' || facts.version as fact
from (
    select *
    from recovery_parts
    where household = any (%(households)s) and {{register.known}} and month <= %(last)s
) as ordered
join facts on facts.position = ordered.known_from
order by ordered.recovery, ordered.month

-- name: received
select received.recovery, received.fen, facts.stream || ':' || facts.version as fact
from (
    select *
    from receipts
    where recovery = any (%(recoveries)s) and not waived and {{register.known}}
) as received
join facts on facts.position = received.known_from
order by received.known_from

-- name: last_listed
-- Where the last list put a household.
select listed.area, listed.head, lists.month as list_month, frozen.stream || ':' || frozen.version as fact
from (
    select *
    from parts
    where subject = %(household)s and kind = 'monthly' and {{register.known}}
    order by known_from desc, month desc
    limit 1
) as listed
join lists on lists.list = listed.list
join facts as frozen on frozen.position = lists.known_from

-- name: payee
-- Who was designated to be paid for a household.
select person, household || ':' || version as fact
from payees
where household = %(household)s and {{register.known}} and effective <= %(last)s
order by ordinal desc
limit 1

-- name: granted
-- What a grant of help-first or temporary aid gave in cash up to the end of a month.
select stream || ':' || version as fact, type, (data ->> 'decided_on')::date as decided_on,
       (data ->> 'amount_fen')::bigint as fen, data ->> 'area' as area, data ->> 'cause' as cause,
       coalesce(data ->> 'form', 'cash') as form
from facts
where stream = %(stream)s and {{register.said}}
  and type in ('assistance.EmergencyAidGranted.v1', 'assistance.AidInstalmentGranted.v1',
               'assistance.TemporaryAidGranted.v1', 'assistance.FuneralAidGranted.v1')
order by position

-- name: listed_once
-- What lists of a kind ordered before, for one grant: of help-first or temporary aid, or of an area.
select before.list, before.month, before.fen, lists.month as list_month,
       frozen.stream || ':' || frozen.version as fact
from (
    select *
    from parts
    where subject = %(subject)s and kind = %(kind)s and {{register.known}}
      and area_grant is not distinct from %(area_grant)s::text
) as before
join lists on lists.list = before.list
join facts as frozen on frozen.position = lists.known_from
order by before.month, before.known_from

-- name: area_grant
-- An area grant as it stands, by the id of any fact of its chain.
select stream || ':' || version as fact, area, effective, head, rolls, per, amount_fen
from area_grants
where stream = %(stream)s
  and rank = coalesce(
      (select rank from corrections where stream = %(stream)s and version = %(version)s), %(version)s)
  and {{register.known}}

-- name: households_of_persons
-- Households of which a person ever was a member, or with which one was recognised.
select household from members where person = any (%(persons)s)
union
select household from recognitions where persons && %(persons)s

-- name: recognitions_held
-- The last word on each recognition of a household up to a month.
select distinct on (recognition)
       recognition, in_force, effective, until, area, persons, household || ':' || version as fact
from recognitions
where household = %(household)s and {{register.known}} and effective <= %(last)s
order by recognition, ordinal desc

-- name: failure
-- The last report on a line: what a payment system said of it.
select reported.status, reported.reason, reported.reported_at, facts.stream || ':' || facts.version as fact
from (
    select *
    from results
    where reference_id = %(reference)s and {{register.known}}
) as reported
join facts on facts.position = reported.known_from
