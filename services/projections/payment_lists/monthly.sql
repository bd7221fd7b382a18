-- Calculation 1 of monthly lists: what is open for each household and month, and the lines that settle it.
-- Parameters: of_area, of_programme (null: all), first (no month before it is listed anywhere), last (the
-- list's month), both as first days, position; area, programme and household are null.

-- name: mergers
-- mergers: who absorbed whom, and from which month on; not those of an enrolment that was revoked.
mergers as materialized (
    select (data ->> 'absorbed')::uuid as absorbed, stream as survivor, effective
    from facts
    where type = 'assistance.HouseholdsMerged.v1' and {{register.said}} and effective <= %(last)s
      and not exists (
        select from revocations as revoked
        where revoked.household = facts.stream and revoked.revoked_spell = facts.spell and {{register.known}})
)

-- name: households_of_area
-- asked: households that ever stood in the area, and those that were absorbed by them.
{{mergers}},
ever_here as materialized (
    select distinct household
    from areas
    where effective <= %(last)s::date and known_from <= %(position)s
      and (
        (area >= %(of_area)s::text and area < %(of_area)s::text || ':')
        or exists (
            select from area_replacements as gone
            where areas.area >= gone.area and areas.area < gone.area || ':'))
),
asked as materialized (
    select household from ever_here
    union
    select absorbed from asked join mergers on mergers.survivor = asked.household
)

-- name: households_named
-- asked: the given households, those that absorbed them, and those that were absorbed.
{{mergers}},
asked as materialized (
    select unnest(%(households)s::uuid[]) as household
    union
    select case when mergers.survivor = asked.household then absorbed else survivor end
    from asked
    join mergers on asked.household in (mergers.survivor, mergers.absorbed)
)

-- name: open_parts
-- open_parts: for each household and month what is entitled, listed, ordered back and received back, and
-- the part that settles it; parts of 0 are left out.
terms as materialized (
    select absorbed, survivor, effective as since,
           coalesce(
               (select min(greatest(seats.month, effective)) from seats
                where seats.household = absorbed and seats.until > effective),
               'infinity') as until
    from mergers
),
heirs_in_turn (household, heir, since, until, hop) as (
    select absorbed, survivor, since, until, 1
    from terms
    where since < until
    union all
    select turn.household, terms.survivor, greatest(turn.since, terms.since), least(turn.until, terms.until),
           hop + 1
    from heirs_in_turn as turn
    join terms on terms.absorbed = turn.heir
    where hop < 20 and terms.survivor <> turn.household
      and greatest(turn.since, terms.since) < least(turn.until, terms.until)
),
heirs as materialized (
    select distinct on (household, each.month) household, each.month::date as month, heir
    from heirs_in_turn
    cross join lateral generate_series(
        since, least(until, %(last)s::date + interval '1 month') - interval '1 month', interval '1 month')
        as each (month)
    order by household, each.month, hop desc, since desc
),
entitled as (
    select household, each.month::date as month, entitled_fen
    from spans_due
    join ruled using (month, area)
    cross join lateral generate_series(
        greatest(spans_due.month, ruled.first_listed), spans_due.until - interval '1 month',
        interval '1 month') as each (month)
    where ruled.first_listed < spans_due.until
),
-- Where a month is before the first that is listed it has no part, whatever was listed for it.
unlisted as (
    select household, each.month::date as month
    from spans_due
    join ruled using (month, area)
    cross join lateral generate_series(
        spans_due.month, least(spans_due.until, ruled.first_listed) - interval '1 month', interval '1 month')
        as each (month)
    where ruled.first_listed is null or spans_due.month < ruled.first_listed
),
listed as (
    select asked.household, parts.month, parts.fen
    from asked
    join parts on parts.subject = asked.household
    where parts.kind = 'monthly' and {{register.known}} and parts.month <= %(last)s
),
ordered as (
    select recovery, household, month, fen,
           sum(fen) over (partition by recovery order by month) as up_to_here
    from asked
    join recovery_parts using (household)
    where {{register.known}} and month <= %(last)s
),
returned as (
    select recovery, sum(fen) as fen
    from receipts
    where {{register.known}} and not waived
    group by recovery
),
-- What is claimed for a month before any that lists have was paid by others: nothing of it is paid again.
claims as (
    select household, month, ordered.fen as ordered_fen,
           least(ordered.fen, greatest(0, coalesce(returned.fen, 0) - (up_to_here - ordered.fen)))
               as received_fen
    from ordered
    left join returned using (recovery)
    where month >= %(first)s
),
told as (
    select household, month, entitled_fen, 0::bigint as listed_fen, 0::bigint as ordered_fen,
           0::numeric as received_fen
    from entitled
    union all
    select household, month, 0, fen, 0, 0 from listed
    where (household, month) not in (select household, month from unlisted)
    union all
    select household, month, 0, 0, ordered_fen, received_fen from claims
    where (household, month) not in (select household, month from unlisted)
),
balances as (
    select coalesce(heirs.heir, told.household) as household, told.month,
           sum(entitled_fen)::bigint as entitled_fen, sum(listed_fen)::bigint as listed_fen,
           sum(ordered_fen)::bigint as ordered_fen, sum(received_fen)::bigint as received_fen
    from told
    left join heirs on heirs.household = told.household and heirs.month = told.month
    group by 1, 2
),
open_parts as materialized (
    select household, month, entitled_fen, listed_fen, ordered_fen, received_fen,
           entitled_fen - listed_fen
           + least(ordered_fen, greatest(received_fen, listed_fen - entitled_fen)) as fen
    from balances
    where entitled_fen - listed_fen
          + least(ordered_fen, greatest(received_fen, listed_fen - entitled_fen)) <> 0
)

-- name: carried
-- carried: where each household's corrections go: with the list where it stands in the month; if on none,
-- with the last list that it stood on; if never listed, where it last stood.
standing_now as (
    select household, area, programme, head, coalesce(ruled.offset_bp, 0) as offset_bp
    from seats
    join ruled using (month, area)
    where month <= %(last)s and until > %(last)s
),
elsewhere as materialized (
    select distinct household
    from open_parts
    where not exists (select from standing_now where standing_now.household = open_parts.household)
),
last_listed as (
    select distinct on (household) household, parts.area, parts.head as programme
    from elsewhere
    join parts on parts.subject = elsewhere.household
    where parts.kind = 'monthly' and {{register.known}}
    order by household, known_from desc, parts.month desc
),
last_stood as (
    select distinct on (household) household, seats.area, seats.programme, seats.head
    from elsewhere
    join seats using (household)
    order by household, seats.month desc
),
carried as materialized (
    select household, area, programme, head, offset_bp from standing_now
    union all
    select household, coalesce(last_listed.area, last_stood.area),
           coalesce(last_listed.programme, last_stood.programme), last_stood.head, 0
    from elsewhere
    left join last_listed using (household)
    left join last_stood using (household)
),
carried_here as materialized (
    select *
    from carried
    where area >= %(of_area)s::text and area < %(of_area)s::text || ':'
      and (%(of_programme)s::text is null or programme = %(of_programme)s::text
           or split_part(programme, '.', 1) = %(of_programme)s::text)
)

-- name: lines
-- Positive parts are paid; negative ones are candidates for a person to order recovered, or, by policy,
-- taken from this list, the oldest month first, up to a share of what it pays for the month.
owing as (
    select household, offset_bp, sum(fen) filter (where fen > 0) as gained_fen,
           coalesce(sum(fen) filter (where fen > 0 and month = %(last)s), 0) as this_month_fen
    from open_parts
    join carried_here using (household)
    where offset_bp > 0
    group by household, offset_bp
    having min(fen) < 0
),
offsets as (
    select household, month,
           least(-fen, greatest(0,
               least(gained_fen, div(this_month_fen * offset_bp, 10000))
               - (sum(-fen) over (partition by household order by month) + fen))) as fen
    from open_parts
    join owing using (household)
    where fen < 0
),
listed_parts as (
    select household, month, fen from open_parts where fen > 0
    union all
    select household, month, -fen from offsets where fen > 0
),
payees_now as (
    select distinct on (household) household, person
    from payees
    where {{register.known}} and effective <= %(last)s
    order by household, ordinal desc
),
lines as materialized (
    select household, programme, area, coalesce(payees_now.person, head) as payee, amount_fen, parts
    from (
        select household, sum(fen)::bigint as amount_fen,
               string_agg('{"month":"' || to_char(month, 'YYYY-MM') || '","fen":' || fen || '}', ','
                          order by month) as parts
        from listed_parts
        group by household
    ) as summed
    join carried_here using (household)
    left join payees_now using (household)
)

-- name: spans_of_asked
-- spans_due for the households of `asked`, wherever they stood.
{{register.subjects_uncached}},
{{register.resolved_or_kept}},
{{register.counted_codes}},
seats as materialized (
    {{register.seats_anywhere}}
),
{{totals.priced_spans}}

-- name: monthly_document
with recursive
{{households_of_area}},
{{spans_of_asked}},
{{document_of_spans}}

-- name: document_of_spans
{{open_parts}},
{{carried}},
{{lines}}
select entry
from (
    select 1 as place, household,
           '{"household":"' || household || '","head":"' || programme || '","area":"' || area || '"'
           || coalesce(',"payee":"' || payee || '"', '') || ',"amount_fen":' || amount_fen
           || ',"parts":[' || parts || ']}' as entry
    from lines
    union all
    {{end_of_document}}
) as entries
order by place, household

-- name: overpayments
-- What is open to be recovered: a person decides; a policy may take it from the next lists.
with recursive
{{households_of_area}},
{{spans_of_asked}},
{{open_parts}},
{{carried}}
select household, area, programme, month, entitled_fen, listed_fen, ordered_fen, received_fen,
       -fen as overpaid_fen
from open_parts
join carried_here using (household)
where fen < 0
  and (%(after)s::uuid is null or household > %(after)s::uuid)
order by household, month

-- name: settled_together
-- Given households, and those that mergers bind to them: what is open of one depends on the others.
with recursive
{{households_named}}
select household from asked

-- name: balances_of_households
-- The formula's figures for given households, months with a balance or without.
with recursive
{{households_named}},
{{spans_of_asked}},
{{open_parts}}
select household, month, entitled_fen, listed_fen, ordered_fen, received_fen,
       entitled_fen - listed_fen
       + least(ordered_fen, greatest(received_fen, listed_fen - entitled_fen)) as fen
from balances
order by household, month
