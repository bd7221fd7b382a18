-- Standards against what they are measured by, and settings that nobody adopted.

-- name: standards_in_force
-- What an area adopted itself and still has in force in the month; amounts also per year.
select area, programme, kind, period, amount_fen, by_care_form, fact, effective, decided_on,
       amount_fen * case period when 'year' then 1 else 12 end as year_fen,
       least(
           case when by_care_form ?& array['institutional', 'dispersed'] then null else amount_fen end,
           (by_care_form ->> 'institutional')::bigint, (by_care_form ->> 'dispersed')::bigint
       ) as least_fen
from (
    select distinct on (standards.area, standards.programme, standards.kind)
           standards.area, standards.programme, standards.kind, period, amount_fen, by_care_form, in_force,
           standards.stream || ':' || standards.version as fact, standards.effective,
           (facts.data ->> 'decided_on')::date as decided_on
    from standards
    join facts on facts.stream = standards.stream and facts.version = standards.version
    where standards.known_from <= %(position)s
      and (standards.known_to is null or standards.known_to > %(position)s)
      and standards.effective <= %(last)s::date
    order by standards.area, standards.programme, standards.kind, ordinal desc
) as latest
where in_force

-- name: standard_below_guideline
with in_force as materialized ({{standards_in_force}})
select array[fact, guideline_fact] as facts, null::uuid as household, null::uuid as person, area,
       %(last)s::date as month, day,
       jsonb_build_object('programme', programme, 'amount_fen', amount_fen, 'period', period,
                          'guideline_fen', guideline_fen, 'guideline_period', guideline_period) as figures
from (
    select distinct on (own.area, own.programme)
           own.area, own.programme, own.fact, own.amount_fen, own.period, own.year_fen,
           guideline.fact as guideline_fact, guideline.amount_fen as guideline_fen,
           guideline.period as guideline_period, guideline.year_fen as guideline_year_fen,
           greatest(own.decided_on, guideline.decided_on) as day
    from in_force as own
    join in_force as guideline
      on guideline.kind = 'guideline' and guideline.area = left(own.area, length(guideline.area))
     and guideline.programme in (own.programme, split_part(own.programme, '.', 1))
    where own.kind = 'standard'
    order by own.area, own.programme, length(guideline.area) desc, length(guideline.programme) desc
) as nearest
where year_fen < guideline_year_fen

-- name: tekun_below_ratio
-- For every area that adopted either: what holds there for urban and for rural, nearest area first. A year
-- of tekun is compared with a year of dibao times the ratio, in whole numbers.
with in_force as materialized ({{standards_in_force}}),
kinds as (
    select distinct in_force.area, kind_of.programme
    from in_force
    cross join (values ('urban'), ('rural')) as kind_of (programme)
    where kind = 'standard'
),
held as materialized (
    select distinct on (kinds.area, kinds.programme, scheme.scheme)
           kinds.area, kinds.programme, scheme.scheme, in_force.area as adopted_in, fact, decided_on, period,
           amount_fen, least_fen
    from kinds
    cross join (values ('dibao'), ('tekun')) as scheme (scheme)
    join in_force on in_force.kind = 'standard' and in_force.area = left(kinds.area, length(in_force.area))
     and in_force.programme in (scheme.scheme, scheme.scheme || '.' || kinds.programme)
    order by kinds.area, kinds.programme, scheme.scheme, length(in_force.area) desc,
             length(in_force.programme) desc
),
compared as (
    select tekun.area, tekun.programme, tekun.fact as tekun_fact, dibao.fact as dibao_fact,
           greatest(tekun.decided_on, dibao.decided_on) as day, tekun.least_fen as tekun_fen,
           tekun.period as tekun_period, dibao.amount_fen as dibao_fen, dibao.period as dibao_period, ratio_bp,
           dibao.amount_fen::numeric * ratio_bp * case dibao.period when 'year' then 1 else 12 end as wanted,
           tekun.least_fen::numeric * 10000 * case tekun.period when 'year' then 1 else 12 end as had
    from held as tekun
    join held as dibao using (area, programme)
    cross join lateral (
        select (coalesce(
            (select case when in_force then value end
             from policy_terms
             where setting = 'tekun.ratio_bp' and in_force
               and policy_terms.area = left(tekun.area, length(policy_terms.area))
               and %(last)s::date >= effective and %(last)s::date < until
             order by length(policy_terms.area) desc
             limit 1),
            (select value from policy_defaults where setting = 'tekun.ratio_bp')) #>> '{}')::bigint as ratio_bp
    ) as ratio
    where tekun.scheme = 'tekun' and dibao.scheme = 'dibao'
      and tekun.area in (tekun.adopted_in, dibao.adopted_in)
)
select array[tekun_fact, dibao_fact] as facts, null::uuid as household, null::uuid as person, area,
       %(last)s::date as month, day,
       jsonb_build_object('programme', 'tekun.' || programme, 'amount_fen', tekun_fen, 'period', tekun_period,
                          'ratio', trim_scale(ratio_bp / 10000.0), 'dibao_fen', dibao_fen,
                          'dibao_period', dibao_period,
                          'wanted_fen', ceil(wanted / 10000 / case tekun_period when 'year' then 1 else 12 end))
           as figures
from compared
where had < wanted

-- name: unset_settings
-- Settings with neither a value nor a default where an area has a standard of its own.
with recursive asked_settings as (
    select area, %(last)s::date as month
    from ({{standards_in_force}}) as in_force
    where kind = 'standard'
),
{{register.settled}}
select area, setting.key as setting
from settled
cross join lateral jsonb_each(settings) as setting
where setting.value = 'null'
  and (%(area)s::text is null or (area >= %(area)s::text and area < %(area)s::text || ':'))
order by area collate "C", setting.key collate "C"
