-- name: totals
with recursive asked as materialized ({{register.ever_in_area}}), {{amounts_of_spans_kept}},
{{payment_lists.measured_parts}},
figures as materialized (
    select spans_due.household, spans_due.month, covered, covered_persons, entitled_fen,
           case when %(by_month)s then 1
                else (extract(year from until) - extract(year from spans_due.month)) * 12
                     + extract(month from until) - extract(month from spans_due.month) end::bigint as months,
           case when %(by_month)s then each.month::date end as of_month,
           case when %(digits)s::int is not null then left(area, %(digits)s::int) end collate "C" as of_area,
           case when %(by_programme)s then programme end collate "C" as of_programme
    from spans_due
    cross join lateral generate_series(
        spans_due.month, case when %(by_month)s then until - interval '1 month' else spans_due.month end,
        interval '1 month') as each (month)
),
told as (
    select of_month, of_area, of_programme, null::uuid as household, null::uuid as person,
           covered * months as person_times, months, entitled_fen * months as entitled_fen,
           0::bigint as listed_fen, 0::bigint as paid_fen
    from figures
    union all
    select distinct of_month, of_area, of_programme, household, null::uuid, 0, 0, 0, 0, 0 from figures
    union all
    select case when %(by_month)s then month end,
           case when %(digits)s::int is not null then left(area, %(digits)s::int) end,
           case when %(by_programme)s then head end, null, null, 0, 0, 0,
           case when listed then fen else 0 end, case when paid then fen else 0 end
    from measured_parts
    union all
    select distinct of_month, of_area, of_programme, null::uuid, person, 0, 0, 0, 0, 0
    from figures
    cross join lateral unnest(covered_persons) as person
)
select of_month as month, of_area as area, of_programme as programme, count(household) as households,
       count(person) as persons, sum(person_times)::bigint as person_times,
       sum(months)::bigint as household_months, sum(entitled_fen)::bigint as entitled_fen,
       sum(listed_fen)::bigint as listed_fen, sum(paid_fen)::bigint as paid_fen
from told
group by of_month, of_area, of_programme
order by of_month, of_area, of_programme

-- name: lines
with recursive asked as materialized ({{register.ever_in_area}}), {{amounts_of_spans_kept}}, {{by_month}}
select * from lines order by month, household

-- name: lines_of_household
with recursive {{register.subject}}, {{lines_by_month}}
select * from lines order by month

-- name: lines_of_households
with recursive {{register.subjects_listed}}, {{lines_by_month}}
select * from lines order by household

-- name: next_households
with {{register.subjects_in_area}}
select household from subjects
where %(after)s::uuid is null or household > %(after)s::uuid
order by household
limit %(many)s
