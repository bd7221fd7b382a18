-- name: position_at
select position from facts where recorded_at <= %(instant)s order by recorded_at desc, position desc limit 1

-- name: states_of_household
with recursive {{subject}}, {{states}}
select household, month, until, spell, single_person, programme, stood_in, area, income_fen, tier, care_form,
       suspended, in_grace, coalesce(members, 0) as members, coalesce(covered, 0) as covered
from seats
left join heads_counted using (household, month)
order by month
