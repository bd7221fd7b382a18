-- What holds for households month by month, as known at a position. Fragments of `with recursive`:
-- a question puts subjects_* first, then `states`, then its own.
-- Parameters: first, last (months, as their first days), position; area (prefix or null) or household.

-- name: known
known_from <= %(position)s and (known_to is null or known_to > %(position)s)

-- name: ever_in_area
-- Households that may ever have stood in the area, or in one that gave way to another.
select distinct household
from areas
where effective <= %(last)s::date
  and known_from <= %(position)s
  and (
    %(area)s::text is null
    or (area >= %(area)s::text and area < %(area)s::text || ':')
    or exists (
        select from area_replacements as gone
        where areas.area >= gone.area and areas.area < gone.area || ':'))

-- name: subjects_in_area
subjects as materialized (
    {{ever_in_area}}
)

-- name: subject
subjects as materialized (
    select %(household)s::uuid as household
)

-- name: subjects_listed
subjects as materialized (
    select unnest(%(households)s::uuid[]) as household
)

-- name: standing
-- standing: from `effective` up to but without `until`, the household is on the roll in this spell, or
-- off it for this reason. An exit ends its own spell only.
-- spells: the enrolments that stand; what takes effect before its spell began is void.
entries as materialized (
    select household, spell, effective, ordinal, on_roll, single_person, reason, rank, version
    from standings
    join subjects using (household)
    where {{known}}
      and effective <= %(last)s::date
      and not exists (
        select from revocations as revoked
        where revoked.household = standings.household and revoked.revoked_rank = standings.rank and {{known}})
      and not exists (
        select from revocations as revoked
        where revoked.household = standings.household and revoked.revoked_spell = standings.spell and {{known}})
),
turns as (
    select *, count(*) filter (where on_roll) over (partition by household order by ordinal) as turn
    from entries
),
standing as materialized (
    select household, spell, effective, ordinal, on_roll, single_person, reason, rank, version,
           coalesce(lead(effective) over (partition by household order by ordinal), 'infinity') as until
    from (
        select *, first_value(spell) over (partition by household, turn order by ordinal) as running
        from turns
    ) as turns
    where spell = running
),
spells as materialized (
    select household, spell, ordinal as began, single_person from entries where on_roll
)

-- name: changes
-- changes: months in which something changes for everybody in an area.
changes as materialized (
    select effective as month from standards where effective > %(first)s and effective <= %(last)s
    union
    select effective from policies where effective > %(first)s and effective <= %(last)s
    union
    select effective from area_replacements where effective > %(first)s and effective <= %(last)s
)

-- name: spans
-- Months between two changes of anything that amounts depend on: from `month` up to but without `until`.
starts as (
    select household, %(first)s::date as month from subjects
    union
    select household, month from subjects join moments using (household)
    where month > %(first)s and month <= %(last)s
    union
    select household, month from subjects cross join changes
),
spans as materialized (
    select household, month,
           lead(month, 1, (%(last)s::date + interval '1 month')::date)
               over (partition by household order by month) as until
    from starts
)

-- name: roll
-- The households on a roll, span by span.
roll as materialized (
    select household, spans.month, spans.until, standing.spell, standing.single_person
    from standing
    join spans using (household)
    where on_roll and month >= standing.effective and month < standing.until
)

-- name: attributes
-- attributed: the roll with every attribute of the household as said; a grace period leaves out the
-- reassessment that it defers, and then only reductions of income count.
programme_spans as (
    select household, spell, programme, effective,
           coalesce(lead(effective) over (partition by household, spell order by ordinal), 'infinity') as until
    from programmes join spells using (household, spell)
    where {{known}} and ordinal >= began and effective <= %(last)s
),
area_spans as (
    select household, spell, area, effective,
           coalesce(lead(effective) over (partition by household, spell order by ordinal), 'infinity') as until
    from areas join spells using (household, spell)
    where {{known}} and ordinal >= began and effective <= %(last)s
),
income_spans as (
    select household, spell, income_fen, effective,
           coalesce(lead(effective) over (partition by household, spell order by ordinal), 'infinity') as until
    from incomes join spells using (household, spell)
    where {{known}} and ordinal >= began and effective <= %(last)s
),
tier_spans as (
    select household, spell, tier, effective,
           coalesce(lead(effective) over (partition by household, spell order by ordinal), 'infinity') as until
    from tiers join spells using (household, spell)
    where {{known}} and ordinal >= began and effective <= %(last)s
),
care_form_spans as (
    select household, spell, care_form, effective,
           coalesce(lead(effective) over (partition by household, spell order by ordinal), 'infinity') as until
    from care_forms join spells using (household, spell)
    where {{known}} and ordinal >= began and effective <= %(last)s
),
suspension_spans as (
    select household, spell, suspended, effective,
           coalesce(lead(effective) over (partition by household, spell order by ordinal), 'infinity') as until
    from suspensions join spells using (household, spell)
    where {{known}} and ordinal >= began and effective <= %(last)s
),
graced as materialized (
    select distinct on (household, month)
           household, month, spell, began, graces.effective, graces.deferred_rank
    from roll
    join spells using (household, spell)
    join graces using (household, spell)
    where {{known}} and ordinal >= began and month between graces.effective and graces.until
      and not exists (
        select from revocations as revoked
        where revoked.household = graces.household and revoked.revoked_rank = graces.rank and {{known}})
    order by household, month, ordinal desc
),
relieved as materialized (
    select household, month,
           least(
               (select income_fen from incomes
                where incomes.household = graced.household and incomes.spell = graced.spell and {{known}}
                  and ordinal >= began and effective <= graced.month and rank <> deferred_rank
                  and not (reassessed and effective >= graced.effective)
                order by ordinal desc limit 1),
               (select min(income_fen) from incomes
                where incomes.household = graced.household and incomes.spell = graced.spell and {{known}}
                  and ordinal >= began and effective <= graced.month and rank <> deferred_rank
                  and reassessed and effective >= graced.effective)
           ) as income_fen,
           (select tier from tiers
            where tiers.household = graced.household and tiers.spell = graced.spell and {{known}}
              and ordinal >= began and effective <= graced.month and rank <> deferred_rank
            order by ordinal desc limit 1) as tier
    from graced
),
attributed as materialized (
    select roll.household, roll.month, roll.until, roll.spell, roll.single_person, programme, area,
           case when relieved.household is null then income_spans.income_fen else relieved.income_fen end
               as income_fen,
           case when relieved.household is null then tier_spans.tier else relieved.tier end as tier,
           care_form, coalesce(suspended, false) as suspended, relieved.household is not null as in_grace
    from roll
    join programme_spans on programme_spans.household = roll.household and programme_spans.spell = roll.spell
     and roll.month >= programme_spans.effective and roll.month < programme_spans.until
    join area_spans on area_spans.household = roll.household and area_spans.spell = roll.spell
     and roll.month >= area_spans.effective and roll.month < area_spans.until
    join income_spans on income_spans.household = roll.household and income_spans.spell = roll.spell
     and roll.month >= income_spans.effective and roll.month < income_spans.until
    left join tier_spans on tier_spans.household = roll.household and tier_spans.spell = roll.spell
     and roll.month >= tier_spans.effective and roll.month < tier_spans.until
    left join care_form_spans on care_form_spans.household = roll.household
     and care_form_spans.spell = roll.spell
     and roll.month >= care_form_spans.effective and roll.month < care_form_spans.until
    left join suspension_spans on suspension_spans.household = roll.household
     and suspension_spans.spell = roll.spell
     and roll.month >= suspension_spans.effective and roll.month < suspension_spans.until
    left join relieved on relieved.household = roll.household and relieved.month = roll.month
)

-- name: persons
-- persons: the members of each household on the roll; `joined` is when they last came (an ordinal).
-- The dead stay in the income test until an income is said that takes effect after the death.
-- Nothing decided before a death became known covers the dead again.
-- Each window carries the last word on a question as one number: its ordinal, doubled, plus the answer.
member_spans as (
    select household, spell, person, effective,
           coalesce(lead(effective) over word, 'infinity') as until,
           max(case when present is not null then ordinal * 2 + present::int end) over word as presence,
           max(case when covered is not null then ordinal * 2 + covered::int end) over word as cover,
           max(case when died then ordinal end) over word as died
    from members join spells using (household, spell)
    where {{known}} and ordinal >= began and effective <= %(last)s
    window word as (partition by household, spell, person order by ordinal)
),
present as materialized (
    select roll.household, roll.month, roll.spell, person, presence / 2 as joined,
           cover %% 2 = 1 and coalesce(died < presence / 2, true) as covered,
           case when died > presence / 2 then died end as died
    from roll
    join member_spans on member_spans.household = roll.household and member_spans.spell = roll.spell
     and roll.month >= member_spans.effective and roll.month < member_spans.until
    where presence %% 2 = 1
),
released as materialized (
    select household, spell, person, died, min(effective) as month
    from (select distinct household, spell, person, died from present where died is not null) as deaths
    join incomes using (household, spell)
    where {{known}} and ordinal > died
    group by household, spell, person, died
),
persons as materialized (
    select present.household, present.month, present.spell, present.person, joined, covered,
           released.month is null or present.month < released.month as tested
    from present
    left join released on released.household = present.household and released.spell = present.spell
     and released.person = present.person and released.died = present.died
),
heads_counted as materialized (
    select household, month, count(*) filter (where tested) as members,
           count(*) filter (where covered) as covered,
           array_agg(person order by person) filter (where covered) as covered_persons
    from persons
    group by household, month
)

-- name: hop
-- From a code to the one that took its place, in a recursion over `hops` joined {{to_next}}.
month, stood, next.target, next.effective,
case when next.effective > hops.since then array[hops.area] else hops.seen end || next.target, hop + 1

-- name: to_next
-- The nearest enclosing code that gave way; a code seen in the same month is not returned to.
cross join lateral (
    select effective,
           successor || case when length(successor) = length(replaced.area)
                        then substr(hops.area, length(replaced.area) + 1) else '' end as target
    from replaced
    where left(hops.area, length(replaced.area)) = replaced.area
      and hops.month >= replaced.effective and hops.month < replaced.until
      and replaced.effective >= hops.since
    order by length(replaced.area) desc limit 1
) as next
where not (next.effective = hops.since and next.target = any (hops.seen))

-- name: counted_codes
-- counted: where the code in which a household stood is counted, once codes that gave way are followed: in
-- the order of the months in which they gave way, the nearest enclosing one first; a wider code carries with
-- it the codes inside that keep their place. Reads month and area of `stood`.
replaced as materialized (
    select area, successor, effective,
           coalesce(lead(effective) over (partition by area order by ordinal), 'infinity') as until
    from area_replacements
    where {{known}} and effective <= %(last)s
),
hops (month, stood, area, since, seen, hop) as (
    select distinct month, area, area, '-infinity'::date, array[area], 0 from stood
    union all
    select {{hop}} from hops {{to_next}}
),
counted as materialized (
    select distinct on (month, stood) month, stood, area
    from hops
    order by month, stood, hop desc
)

-- name: in_scope
-- Whether a seat lies in the area and on the programme that a question is about.
(%(area)s::text is null or (counted.area >= %(area)s::text and counted.area < %(area)s::text || ':'))
and (%(programme)s::text is null or programme = %(programme)s::text
     or split_part(programme, '.', 1) = %(programme)s::text)

-- name: places
-- seats: where each household is counted.
{{counted_codes}},
seats as materialized (
    select household, stood.month, until, spell, single_person, programme, stood.area as stood_in,
           counted.area, income_fen, tier, care_form, suspended, in_grace
    from stood
    join counted on counted.month = stood.month and counted.stood = stood.area
    where {{in_scope}}
)

-- name: states
{{standing}},
{{changes}},
{{spans}},
{{roll}},
{{attributes}},
{{persons}},
stood as (select * from attributed),
{{places}}

-- name: classes
-- resolved: the roll with everything that amounts depend on but money: N and c, and for covered members
-- the classes of supplements (a list a member) and the self-care abilities.
supplement_spans as (
    select household, spell, person, supplement, assigned, ordinal, effective,
           coalesce(
               lead(effective) over (partition by household, spell, person, supplement order by ordinal),
               'infinity') as until
    from supplements join spells using (household, spell)
    where {{known}} and ordinal >= began and effective <= %(last)s
),
classified as materialized (
    select household, month, jsonb_agg(classes order by person) as classes
    from (
        select persons.household, persons.month, persons.person,
               jsonb_agg(supplement order by supplement) as classes
        from supplement_spans
        join persons on persons.household = supplement_spans.household
         and persons.spell = supplement_spans.spell and persons.person = supplement_spans.person
         and persons.month >= supplement_spans.effective and persons.month < supplement_spans.until
         and persons.covered and supplement_spans.ordinal >= persons.joined
        where assigned
        group by persons.household, persons.month, persons.person
    ) as members
    group by household, month
),
self_care_spans as (
    select household, spell, person, self_care, ordinal, effective,
           coalesce(
               lead(effective) over (partition by household, spell, person order by ordinal),
               'infinity') as until
    from self_cares join spells using (household, spell)
    where {{known}} and ordinal >= began and effective <= %(last)s
),
cared_for as materialized (
    select persons.household, persons.month, jsonb_agg(self_care order by self_care) as self_cares
    from self_care_spans
    join persons on persons.household = self_care_spans.household
     and persons.spell = self_care_spans.spell and persons.person = self_care_spans.person
     and persons.month >= self_care_spans.effective and persons.month < self_care_spans.until
     and persons.covered and self_care_spans.ordinal >= persons.joined
    group by persons.household, persons.month
),
head_spans as (
    select household, spell, person as head, effective as began,
           coalesce(lead(effective) over (partition by household, spell order by ordinal), 'infinity') as ended
    from heads join spells using (household, spell)
    where {{known}} and ordinal >= began and effective <= %(last)s
),
resolved as materialized (
    select attributed.household, attributed.month, until, attributed.spell, single_person, programme, area,
           income_fen, tier, care_form, suspended, in_grace, head, coalesce(members, 0) as members,
           coalesce(heads_counted.covered, 0) as covered, covered_persons, classes, self_cares
    from attributed
    left join heads_counted
      on heads_counted.household = attributed.household and heads_counted.month = attributed.month
    left join classified
      on classified.household = attributed.household and classified.month = attributed.month
    left join cared_for on cared_for.household = attributed.household and cared_for.month = attributed.month
    left join head_spans on head_spans.household = attributed.household and head_spans.spell = attributed.spell
     and attributed.month >= head_spans.began and attributed.month < head_spans.ended
)

-- name: resolved
-- What holds for the households of `subjects`, from their assertions.
{{changes}},
{{resolved_between_changes}}

-- name: resolved_between_changes
{{standing}},
{{spans}},
{{roll}},
{{attributes}},
{{persons}},
{{classes}}

-- name: seated
-- seats: as in `places`, with everything that amounts depend on but money. Reads `stood`.
{{counted_codes}},
seats as materialized (
    {{seats_anywhere}}
    where {{in_scope}}
)

-- name: seats_anywhere
select household, stood.month, until, spell, single_person, programme, stood.area as stood_in,
       counted.area, income_fen, tier, care_form, suspended, in_grace, head, members, covered,
       covered_persons, classes, self_cares
from stood
join counted on counted.month = stood.month and counted.stood = stood.area

-- name: subjects_uncached
-- subjects: those of `asked` that changed since their intervals were kept, or later than the position.
asked_or_kept as materialized (
    select asked.household, coalesce(known_from <= %(position)s, false) as is_kept
    from asked
    left join kept_households using (household)
),
subjects as materialized (
    select household from asked_or_kept where not is_kept
)

-- name: resolved_or_kept
-- stood: what holds, from kept intervals where there are, else from assertions.
{{resolved}},
{{or_kept}}

-- name: or_kept
-- The same behind `resolved_between_changes`, where a question has `changes` of its own.
windows as materialized (
    select month, lead(month, 1, (%(last)s::date + interval '1 month')::date) over (order by month) as until
    from (select %(first)s::date as month union select month from changes) as starts
),
stood as materialized (
    select * from resolved
    union all
    select household, greatest(intervals.month, windows.month), least(intervals.until, windows.until),
           spell, single_person, programme, area, income_fen, tier, care_form, suspended, in_grace, head,
           members, covered, covered_persons, classes, self_cares
    from asked_or_kept
    join intervals using (household)
    join windows on intervals.month < windows.until and intervals.until > windows.month
    where is_kept
)
