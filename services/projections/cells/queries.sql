-- name: covered
-- Each person that a cell's rolls cover, and in which months without a gap: from `month` up to but without
-- `until`. In order of persons, so that cells can be read side by side. Standards and policies change no cover:
-- months are told apart only where a household or the codes of areas change, and put together again where the
-- stay is the same.
-- Parameters: first, last, area, programme, position; cell (given back with each row), from_person (or null).
with recursive asked as materialized ({{register.ever_in_area}}),
{{register.subjects_uncached}},
changes as materialized (
    select effective as month from area_replacements where effective > %(first)s and effective <= %(last)s
),
{{register.resolved_between_changes}},
{{register.or_kept}},
{{register.seated}},
spans_covered as (
    select person, household, area, programme, month::date as month, until::date as until
    from seats
    cross join lateral unnest(covered_persons) as person
    where %(from_person)s::uuid is null or person >= %(from_person)s::uuid
),
begun as (
    select *, lag(until) over stay is distinct from month as begins
    from spans_covered
    window stay as (partition by person, household, area, programme order by month)
),
numbered as (
    select *, count(*) filter (where begins) over (
        partition by person, household, area, programme order by month) as number
    from begun
)
select %(cell)s::text as cell, person, household, area, programme, min(month) as month, max(until) as until
from numbered
group by person, household, area, programme, number
order by person, month, household, area, programme
