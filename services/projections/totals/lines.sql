-- name: rates
-- priced: the standard in force, once for each month, area and programme: the nearest enclosing area
-- that has one, there the programme's own before the unified one. A guideline never counts.
standard_spans as materialized (
    select stream, area, programme, in_force, period, mode, amount_fen, tiers, by_care_form, care, version,
           effective,
           coalesce(lead(effective) over (partition by area, programme order by ordinal), 'infinity') as until
    from standards
    where {{register.known}} and kind = 'standard' and effective <= %(last)s
),
priced as materialized (
    select distinct on (asked.month, asked.area, asked.programme)
           asked.month, asked.area, asked.programme, found.stream, found.version,
           found.area as standard_area, found.period, found.mode, found.amount_fen::numeric as amount_fen,
           found.tiers, found.by_care_form, found.care,
           case found.period when 'year' then 12 else 1 end::numeric as periods
    from (select distinct month, area, programme from seats) as asked
    cross join (values (12), (9), (6), (4), (2)) as enclosing (digits)
    cross join lateral (
        select array[asked.programme, split_part(asked.programme, '.', 1)] as programmes
    ) as kin
    join standard_spans as found on found.area = left(asked.area, enclosing.digits)
     and found.programme = any (kin.programmes)
     and asked.month >= found.effective and asked.month < found.until
    where enclosing.digits <= length(asked.area) and found.in_force
    order by asked.month, asked.area, asked.programme, length(found.area) desc, length(found.programme) desc
),
policy_spans as materialized (
    select area, setting, in_force, value, effective,
           coalesce(lead(effective) over (partition by area, setting order by ordinal), 'infinity') as until
    from policies
    where {{register.known}} and effective <= %(last)s
      and (setting in ('rounding', 'single_person.amount') or setting like 'supplement%%')
),
adopted as (
    select distinct on (asked.month, asked.area, setting) asked.month, asked.area, setting, value
    from (select distinct month, area from seats) as asked
    cross join (values (12), (9), (6), (4), (2)) as enclosing (digits)
    join policy_spans on policy_spans.area = left(asked.area, enclosing.digits)
     and asked.month >= policy_spans.effective and asked.month < policy_spans.until
    where enclosing.digits <= length(asked.area) and in_force
    order by asked.month, asked.area, setting, length(policy_spans.area) desc
),
ruled as materialized (
    select month, area, settings ->> 'rounding' as rounding, settings ->> 'supplements.combine' as combine,
           settings -> 'single_person.amount' as single, settings
    from (
        select asked.month, asked.area,
               (select jsonb_object_agg(setting, value) from policy_defaults)
               || coalesce(jsonb_object_agg(setting, value) filter (where setting is not null), '{}')
                   as settings
        from (select distinct month, area from seats) as asked
        left join adopted using (month, area)
        group by asked.month, asked.area
    ) as merged
)

-- name: extras
-- Supplements of covered members, and care allowances. Shares are of the area's standard, never of a
-- tier's rate. Amounts are numerators: over 10,000 x periods for supplements, over periods for care.
supplement_spans as (
    select household, spell, person, supplement, assigned, ordinal, effective,
           coalesce(
               lead(effective) over (partition by household, spell, person, supplement order by ordinal),
               'infinity') as until
    from spells join supplements using (household, spell)
    where {{register.known}} and ordinal >= began and effective <= %(last)s
),
classes as (
    select persons.household, persons.month, persons.person, ruled.combine,
           case when worth.value ? 'bp' then priced.amount_fen * (worth.value ->> 'bp')::numeric
                else (worth.value ->> 'fen')::numeric * 10000 * priced.periods end as worth
    from supplement_spans
    join persons on persons.household = supplement_spans.household
     and persons.spell = supplement_spans.spell and persons.person = supplement_spans.person
     and persons.month >= supplement_spans.effective and persons.month < supplement_spans.until
     and persons.covered and supplement_spans.ordinal >= persons.joined
    join seats on seats.household = persons.household and seats.month = persons.month
    join priced on priced.month = seats.month and priced.area = seats.area
     and priced.programme = seats.programme
    join ruled on ruled.month = seats.month and ruled.area = seats.area
    cross join lateral (select ruled.settings -> ('supplement.' || supplement) as value) as worth
    where supplement_spans.assigned and jsonb_typeof(worth.value) = 'object'
),
supplemented as materialized (
    select household, month, sum(worth) as worth
    from (
        select household, month, case when combine = 'sum' then sum(worth) else max(worth) end as worth
        from classes
        group by household, month, person, combine
    ) as members
    group by household, month
),
self_care_spans as (
    select household, spell, person, self_care, ordinal, effective,
           coalesce(
               lead(effective) over (partition by household, spell, person order by ordinal),
               'infinity') as until
    from spells join self_cares using (household, spell)
    where {{register.known}} and ordinal >= began and effective <= %(last)s
),
cared as materialized (
    select seats.household, seats.month, sum((priced.care ->> self_care)::numeric) as worth
    from self_care_spans
    join persons on persons.household = self_care_spans.household
     and persons.spell = self_care_spans.spell and persons.person = self_care_spans.person
     and persons.month >= self_care_spans.effective and persons.month < self_care_spans.until
     and persons.covered and self_care_spans.ordinal >= persons.joined
    join seats on seats.household = persons.household and seats.month = persons.month
    join priced on priced.month = seats.month and priced.area = seats.area
     and priced.programme = seats.programme
    where priced.mode = 'full'
    group by seats.household, seats.month
)

-- name: amounts
-- Everything over one denominator, 10,000 x periods x members: multiplied and added first, divided once.
operands as (
    select seats.*, priced.stream, priced.version, priced.standard_area, priced.mode, priced.period,
           priced.amount_fen, priced.periods,
           coalesce(heads_counted.members, 0) as members, coalesce(heads_counted.covered, 0) as covered,
           case priced.mode
               when 'tiered' then (priced.tiers ->> tier)::numeric
               when 'full' then coalesce((priced.by_care_form ->> care_form)::numeric, priced.amount_fen)
               else priced.amount_fen
           end as rate,
           greatest(heads_counted.members, 1)::numeric as shares, single, rounding,
           coalesce(cared.worth, 0) as care, coalesce(supplemented.worth, 0) as supplement
    from seats
    left join priced using (month, area, programme)
    join ruled using (month, area)
    left join heads_counted on heads_counted.household = seats.household and heads_counted.month = seats.month
    left join supplemented on supplemented.household = seats.household and supplemented.month = seats.month
    left join cared on cared.household = seats.household and cared.month = seats.month
),
numerators as (
    select *, 10000 * coalesce(periods, 1) * shares as denominator,
           greatest(0, coalesce(
               case
                   when single_person and mode <> 'full' then
                       case single ->> 'method'
                           when 'fixed' then covered * (single ->> 'fen')::numeric * 10000 * periods
                           when 'share' then covered * amount_fen * (single ->> 'bp')::numeric
                           else covered * (amount_fen - periods * income_fen) * 10000
                       end * shares
                   when mode = 'gap' then covered * (members * amount_fen - periods * income_fen) * 10000
                   when mode = 'tiered' then covered * rate * 10000 * shares
                   else (covered * rate + care) * 10000 * shares
               end, 0)) as base,
           supplement * shares as extra
    from operands
),
due as (
    select *, case when base = 0 or suspended then 0 else base + extra end as numerator from numerators
),
spans_due as (
    select household, month, until, area, stood_in, programme, spell, single_person, members, covered,
           income_fen, tier, care_form, mode, period, amount_fen::bigint as standard_fen, standard_area,
           stream || ':' || version as standard, rate::bigint as rate_fen,
           round(base / denominator, 4) as base_fen,
           round(case when base = 0 then 0 else extra / denominator end, 4) as supplements_fen, rounding,
           case rounding
               when 'half_up_jiao' then 10 * div(2 * numerator + 10 * denominator, 20 * denominator)
               when 'ceil_jiao' then 10 * div(numerator + 10 * denominator - 1, 10 * denominator)
               when 'ceil_yuan' then 100 * div(numerator + 100 * denominator - 1, 100 * denominator)
               else div(2 * numerator + denominator, 2 * denominator)
           end::bigint as entitled_fen,
           base = 0 as base_zero, suspended, in_grace, rate is null as no_rate
    from due
)

-- name: amounts_of_spans
-- spans_due: one row per household and span of months in which nothing changes.
{{register.states}},
{{rates}},
{{extras}},
{{amounts}}

-- name: lines_by_month
-- lines: one row per household and month on a roll.
{{amounts_of_spans}},
lines as (
    select household, each.month::date as month, area, stood_in, programme, spell, single_person, members,
           covered, income_fen, tier, care_form, mode, period, standard_fen, standard_area, standard,
           rate_fen, base_fen, supplements_fen, rounding, entitled_fen, base_zero, suspended, in_grace, no_rate
    from spans_due
    cross join lateral generate_series(
        spans_due.month, spans_due.until - interval '1 month', interval '1 month') as each (month)
)
