-- name: facts
-- The household's facts and those of the streams that name it, in the order in which they were recorded.
select position, stream::text as stream, version, type, recorded_at, rank, known_to, data::text as data
from facts
where stream = any (array_append(
        array(select stream from mentions
              where household = %(household)s::uuid and known_from <= %(position)s),
        %(household)s::uuid))
  and position <= %(position)s
order by position

-- name: chain
with recursive chain (stream) as (
    select %(household)s::uuid
    union
    select next.stream
    from chain
    cross join lateral (
        select other as stream from links where household = chain.stream and {{register.known}}
        union all
        select household from links where other = chain.stream and {{register.known}}
    ) as next
)
select household, kind, other, effective, version
from chain
join links on links.household = chain.stream
where {{register.known}}
order by known_from, kind

-- name: states
-- What holds for one household in one month, with the members and the amount.
with recursive {{register.subject}},
{{totals.lines_by_month}},
named as (
    select distinct on (month) month, heads.person
    from lines
    join spells using (household, spell)
    join heads using (household, spell)
    where {{register.known}} and ordinal >= began and heads.effective <= month
    order by month, ordinal desc
),
listed as (
    select month, array_agg(person order by person) filter (where tested) as tested,
           array_agg(person order by person) filter (where covered) as covered
    from persons
    group by month
)
select lines.month, spell, single_person, programme, area, stood_in, income_fen, tier, care_form, suspended,
       in_grace, named.person as head, lines.members, lines.covered, listed.tested as persons_tested,
       listed.covered as persons_covered, standard, standard_fen, period, mode, base_fen, supplements_fen,
       entitled_fen, base_zero
from lines
left join named on named.month = lines.month
left join listed on listed.month = lines.month

-- name: recognitions
with {{register.subject}},
{{rolls.recognised}}
select recognition, effective as "from", until as "to", area
from recognised
where effective <= %(last)s and until > %(last)s
order by recognition

-- name: amounts
-- The monthly amount and what it follows from, in spans of months in which nothing changes.
with recursive {{register.subject}},
{{totals.amounts_of_spans}}
select month as "from", until, programme, area, members, covered, income_fen, tier, standard, standard_fen,
       period, suspended, in_grace, entitled_fen
from spans_due
order by month
