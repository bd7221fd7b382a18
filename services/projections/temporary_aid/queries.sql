-- name: totals
-- Temporary assistance by the month of its decision, where the emergency or the expenditure arose.
select case when %(by_month)s then date_trunc('month', (data ->> 'decided_on')::date)::date end as month,
       (data ->> 'type') collate "C" as type,
       count(*) as grants,
       sum(coalesce((data ->> 'recipients')::bigint, 1))::bigint as person_times,
       sum((data ->> 'amount_fen')::bigint)::bigint as granted_fen
from facts
where type = 'assistance.TemporaryAidGranted.v1'
  and position <= %(position)s and (known_to is null or known_to > %(position)s)
  and (data ->> 'decided_on')::date >= %(first)s::date
  and (data ->> 'decided_on')::date < %(last)s::date + interval '1 month'
  and (%(area)s::text is null or starts_with(data ->> 'area', %(area)s::text))
group by 1, 2
order by 1, 2
