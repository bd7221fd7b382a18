-- name: calendar
-- calendar: the covered days, each with the working days up to it; terms: on which day the n-th falls.
calendar as materialized (
    select %(calendar_from)s::date + (place::int - 1) as day, elapsed
    from unnest(%(elapsed)s::int[]) with ordinality as counted (elapsed, place)
),
terms as materialized (
    select elapsed, min(day) as day from calendar group by elapsed
)
