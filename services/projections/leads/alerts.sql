-- What matches of data and people said, and nobody answered.

-- name: matched
-- Alerts with the roll on which their person, or else their household, is in the month.
select alert_id, raised_alerts.fact, raised_alerts.facts, kind, urgency, raised_on, outcome,
       raised_alerts.person, seats.household, seats.area, seats.month, programme
from raised_alerts
join persons on persons.person = raised_alerts.person and persons.covered
join seats on seats.household = persons.household and seats.month = persons.month
union all
select alert_id, raised_alerts.fact, raised_alerts.facts, kind, urgency, raised_on, outcome, null, seats.household,
       seats.area, seats.month, programme
from raised_alerts
join seats using (household)
where raised_alerts.person is null

-- name: death_match_on_roll
select facts, household, person, area, month, raised_on as day,
       jsonb_build_object('raised_on', raised_on, 'days', %(on)s::date - raised_on, 'programme', programme)
           as figures
from ({{matched}}) as matched
where kind = 'death_match' and outcome is null

-- name: imprisonment_on_roll
select facts, household, person, area, month, raised_on as day,
       jsonb_build_object('raised_on', raised_on, 'outcome', coalesce(outcome, 'none'), 'programme', programme)
           as figures
from ({{matched}}) as matched
where kind = 'imprisonment' and coalesce(outcome, '') not in ('false_match', 'no_need')
  and month > raised_on

-- name: means_match_on_roll
select facts, household, person, area, month, raised_on as day,
       jsonb_build_object('kind', kind, 'raised_on', raised_on, 'days', %(on)s::date - raised_on,
                          'programme', programme) as figures
from ({{matched}}) as matched
where kind in ('vehicle', 'company', 'second_home', 'pension_match', 'public_pay_match', 'job_found')
  and outcome is null

-- name: alert_unresolved
select facts, household, person, area, null::date as month, raised_on as day,
       jsonb_build_object('kind', kind, 'urgency', urgency, 'raised_on', raised_on,
                          'days', %(on)s::date - raised_on, 'visits', visits) as figures
from raised_alerts
join homes on homes.stream = alert_id
where outcome is null
  and %(on)s::date - raised_on > case urgency when 'urgent' then %(urgent_days)s
                                              when 'high' then %(high_days)s else %(normal_days)s end

-- name: referral_unanswered
select facts, household, person, area, null::date as month, made_on as day,
       jsonb_build_object('department', department, 'need', need, 'made_on', made_on,
                          'days', %(on)s::date - made_on) as figures
from (with {{alerts.open_referrals}} select * from open_referrals) as open_referrals
join homes on homes.stream = household
where answer is null and %(on)s::date - made_on > %(referral_days)s
