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
      and (setting in ('rounding', 'single_person.amount', 'lists.first_month', 'overpayments.offset_bp')
           or setting like 'supplement%%')
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
           settings -> 'single_person.amount' as single, settings,
           ((settings ->> 'lists.first_month') || '-01')::date as first_listed,
           (settings ->> 'overpayments.offset_bp')::bigint as offset_bp
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
-- Supplements of covered members, and care allowances: priced once for each area, month and programme and
-- each set of classes that occurs. Shares are of the area's standard, never of a tier's rate. Amounts are
-- numerators: over 10,000 x periods for supplements, over periods for care.
supplemented as materialized (
    select month, area, programme, classes, sum(worth) as worth
    from (
        select asked.month, asked.area, asked.programme, asked.classes, member.n,
               case when ruled.combine = 'sum' then sum(priced_class.worth) else max(priced_class.worth) end
                   as worth
        from (select distinct month, area, programme, classes from seats where classes is not null) as asked
        join priced on priced.month = asked.month and priced.area = asked.area
         and priced.programme = asked.programme
        join ruled on ruled.month = asked.month and ruled.area = asked.area
        cross join lateral jsonb_array_elements(asked.classes) with ordinality as member (classes, n)
        cross join lateral jsonb_array_elements_text(member.classes) as class
        cross join lateral (select ruled.settings -> ('supplement.' || class) as value) as rule
        cross join lateral (
            select case when rule.value ? 'bp' then priced.amount_fen * (rule.value ->> 'bp')::numeric
                        else (rule.value ->> 'fen')::numeric * 10000 * priced.periods end as worth
        ) as priced_class
        where jsonb_typeof(rule.value) = 'object'
        group by asked.month, asked.area, asked.programme, asked.classes, member.n, ruled.combine
    ) as members
    group by month, area, programme, classes
),
cared as materialized (
    select asked.month, asked.area, asked.programme, asked.self_cares,
           sum((priced.care ->> self_care)::numeric) as worth
    from (select distinct month, area, programme, self_cares from seats where self_cares is not null) as asked
    join priced on priced.month = asked.month and priced.area = asked.area
     and priced.programme = asked.programme
    cross join lateral jsonb_array_elements_text(asked.self_cares) as self_care
    where priced.mode = 'full'
    group by asked.month, asked.area, asked.programme, asked.self_cares
)

-- name: amounts
-- Everything over one denominator, 10,000 x periods x members: multiplied and added first, divided once.
operands as (
    select seats.*, priced.stream, priced.version, priced.standard_area, priced.mode, priced.period,
           priced.amount_fen, priced.periods,
           case priced.mode
               when 'tiered' then (priced.tiers ->> tier)::numeric
               when 'full' then coalesce((priced.by_care_form ->> care_form)::numeric, priced.amount_fen)
               else priced.amount_fen
           end as rate,
           greatest(members, 1)::numeric as shares, single, rounding,
           coalesce(cared.worth, 0) as care, coalesce(supplemented.worth, 0) as supplement
    from seats
    left join priced using (month, area, programme)
    join ruled using (month, area)
    left join supplemented on supplemented.classes = seats.classes and supplemented.month = seats.month
     and supplemented.area = seats.area and supplemented.programme = seats.programme
    left join cared on cared.self_cares = seats.self_cares and cared.month = seats.month
     and cared.area = seats.area and cared.programme = seats.programme
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
    select household, month, until, area, stood_in, programme, spell, single_person, head, members, covered,
           covered_persons, income_fen, tier, care_form, mode, period, amount_fen::bigint as standard_fen, standard_area,
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

-- name: priced_spans
-- spans_due: one row for each of `seats`, a household and span of months in which nothing changes.
{{rates}},
{{extras}},
{{amounts}}

-- name: amounts_of_spans
-- The same for `subjects`, from their assertions.
{{register.resolved}},
stood as (select * from resolved),
{{register.seated}},
{{priced_spans}}

-- name: amounts_of_spans_kept
-- The same for `asked`, from kept intervals where there are.
{{register.subjects_uncached}},
{{register.resolved_or_kept}},
{{register.seated}},
{{priced_spans}}

-- name: lines_by_month
{{amounts_of_spans}},
{{by_month}}

-- name: by_month
-- lines: one row per household and month on a roll.
lines as (
    select household, each.month::date as month, area, stood_in, programme, spell, single_person, members,
           covered, income_fen, tier, care_form, mode, period, standard_fen, standard_area, standard,
           rate_fen, base_fen, supplements_fen, rounding, entitled_fen, base_zero, suspended, in_grace, no_rate
    from spans_due
    cross join lateral generate_series(
        spans_due.month, spans_due.until - interval '1 month', interval '1 month') as each (month)
)
