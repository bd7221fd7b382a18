-- Who is covered twice, or gets what the place did not mean.

-- name: covering
select person, persons.household, persons.covered, area, programme, split_part(programme, '.', 1) as scheme,
       persons.month, enrolled.fact, enrolled.decided_on
from persons
join seats using (household, month)
join (
    select distinct on (household, spell) household, spell, fact, decided_on
    from decisions
    where enrols
    order by household, spell, rank desc
) as enrolled on enrolled.household = persons.household and enrolled.spell = persons.spell

-- name: covered_twice
with covering as materialized ({{covering}}),
twice as (
    select person, array_agg(fact order by household) as facts, count(*) as households,
           string_agg(distinct programme, ', ' order by programme) as programmes
    from covering
    where covered
    group by person
    having count(*) > 1
)
select twice.facts, covering.household, person, area, month, decided_on as day,
       jsonb_build_object('households', households, 'programmes', programmes) as figures
from twice
join covering using (person)
where covered

-- name: dibao_beside_tekun
with covering as materialized ({{covering}})
select array[dibao.fact, tekun.fact] as facts, dibao.household, person, dibao.area, dibao.month,
       greatest(dibao.decided_on, tekun.decided_on) as day,
       jsonb_build_object('other', tekun.household,
                          'covered', case when dibao.covered then 'covered' else 'not covered' end) as figures
from covering as dibao
join covering as tekun using (person)
where dibao.scheme = 'dibao' and tekun.scheme = 'tekun' and tekun.covered

-- name: roll_beside_orphan
with covering as materialized ({{covering}})
select array[covering.fact, recognised.fact] as facts, covering.household, person, covering.area, covering.month,
       greatest(covering.decided_on, recognised.effective) as day,
       jsonb_build_object('recognition', recognition, 'programme', programme) as figures
from covering
join recognised using (person)
where covered and recognition in ('orphan', 'unattended_child')

-- name: disabled_not_enrolled
select array[marginal.fact, disabled.fact] as facts, marginal.household, person, homes.area,
       %(last)s::date as month, greatest(marginal.effective, disabled.since) as day,
       jsonb_build_object('since', greatest(marginal.effective, disabled.since), 'known_by', known_by) as figures
from recognised as marginal
join (
    select distinct on (person) person, fact, since, known_by
    from (
        select person, fact, effective as since, 'recognition' as known_by
        from recognised
        where recognition = 'severe_disability'
        union all
        select person, fact, raised_on, 'alert'
        from raised_alerts
        where kind = 'disability_grade' and coalesce(outcome, '') not in ('false_match', 'no_need')
    ) as told
    where person is not null
    order by person, since, fact
) as disabled using (person)
join homes on homes.stream = marginal.household
where marginal.recognition = 'marginal'
  and not exists (select from persons where persons.person = marginal.person and persons.covered)

-- name: base_zero
select array[enrolled.fact, standard] as facts, spans_due.household, null::uuid as person, spans_due.area,
       spans_due.month, enrolled.decided_on as day,
       jsonb_build_object('members', members, 'covered', covered, 'income_fen', income_fen,
                          'standard_fen', standard_fen, 'period', period) as figures
from spans_due
join decisions as enrolled
  on enrols and enrolled.household = spans_due.household and enrolled.spell = spans_due.spell
where base_zero and covered > 0 and not suspended and not no_rate

-- name: no_rate
select array[enrolled.fact] as facts, spans_due.household, null::uuid as person, spans_due.area, spans_due.month,
       enrolled.decided_on as day,
       jsonb_build_object('programme', programme, 'tier', coalesce(tier, 'none'),
                          'standard', coalesce(standard, 'none')) as figures
from spans_due
join decisions as enrolled
  on enrols and enrolled.household = spans_due.household and enrolled.spell = spans_due.spell
where no_rate

-- name: care_unassessed
select array[said.fact] as facts, persons.household, persons.person, seats.area, persons.month,
       said.said_on as day,
       jsonb_build_object('said_on', said.said_on, 'programme', seats.programme) as figures
from persons
join seats using (household, month)
join priced on priced.month = persons.month and priced.area = seats.area and priced.programme = seats.programme
join self_care_spans on self_care_spans.household = persons.household and self_care_spans.spell = persons.spell
 and self_care_spans.person = persons.person and self_care_spans.ordinal >= persons.joined
 and persons.month >= self_care_spans.effective and persons.month < self_care_spans.until
join (
    select stream, rank, effective, stream || ':' || version as fact, (data ->> 'decided_on')::date as said_on
    from facts
    where type in ('assistance.HouseholdEnrolled.v1', 'assistance.MemberJoined.v1') and {{register.said}}
      and not coalesce((data ->> 'migrated')::boolean, false)
) as said on said.stream = persons.household
 and (said.effective - date '1900-01-01')::bigint * 2147483648 + said.rank = self_care_spans.ordinal
where persons.covered and self_care = 'unable' and mode = 'full'

-- name: shared_payee
select array_agg(payee.fact order by spans_due.household) as facts, null::uuid as household,
       null::uuid as person, min(area) as area, min(spans_due.month) as month, max(payee.decided_on) as day,
       jsonb_build_object('households', count(*), 'entitled_fen', sum(entitled_fen),
                          'account', left(account_digest, 12)) as figures
from spans_due
join (
    select distinct on (stream, spell) stream, spell, stream || ':' || version as fact,
           data ->> 'account_digest' as account_digest, (data ->> 'decided_on')::date as decided_on
    from facts
    where type = 'assistance.PayeeDesignated.v1' and {{register.said}} and effective <= %(last)s::date
    order by stream, spell, effective desc, rank desc
) as payee on payee.stream = spans_due.household and payee.spell = spans_due.spell
group by account_digest
having count(*) >= %(payee_households)s
