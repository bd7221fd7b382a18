-- What an explanation starts from: assertions as they stand, not what other texts made of them.
-- Parameters: household, position; areas (codes).

-- name: assertions
-- Everything asserted of one household as known, whatever month it takes effect in.
with asserted as (
    select 'standing' as kind, spell, null::uuid as person, effective, rank, ordinal, version,
           jsonb_build_object('on_roll', on_roll, 'single_person', single_person, 'reason', reason) as said
    from standings where household = %(household)s and {{register.known}}
    union all
    select 'programme', spell, null, effective, rank, ordinal, version,
           jsonb_build_object('programme', programme)
    from programmes where household = %(household)s and {{register.known}}
    union all
    select 'area', spell, null, effective, rank, ordinal, version, jsonb_build_object('area', area)
    from areas where household = %(household)s and {{register.known}}
    union all
    select 'income', spell, null, effective, rank, ordinal, version,
           jsonb_build_object('income_fen', income_fen, 'reassessed', reassessed)
    from incomes where household = %(household)s and {{register.known}}
    union all
    select 'tier', spell, null, effective, rank, ordinal, version, jsonb_build_object('tier', tier)
    from tiers where household = %(household)s and {{register.known}}
    union all
    select 'care_form', spell, null, effective, rank, ordinal, version,
           jsonb_build_object('care_form', care_form)
    from care_forms where household = %(household)s and {{register.known}}
    union all
    select 'head', spell, person, effective, rank, ordinal, version, '{}'
    from heads where household = %(household)s and {{register.known}}
    union all
    select 'suspension', spell, null, effective, rank, ordinal, version,
           jsonb_build_object('suspended', suspended)
    from suspensions where household = %(household)s and {{register.known}}
    union all
    select 'member', spell, person, effective, rank, ordinal, version,
           jsonb_build_object('present', present, 'covered', covered, 'died', died, 'role', role)
    from members where household = %(household)s and {{register.known}}
    union all
    select 'supplement', spell, person, effective, rank, ordinal, version,
           jsonb_build_object('supplement', supplement, 'assigned', assigned)
    from supplements where household = %(household)s and {{register.known}}
    union all
    select 'self_care', spell, person, effective, rank, ordinal, version,
           jsonb_build_object('self_care', self_care)
    from self_cares where household = %(household)s and {{register.known}}
    union all
    select 'grace', spell, person, effective, rank, ordinal, version,
           jsonb_build_object('until', until, 'deferred_rank', deferred_rank)
    from graces where household = %(household)s and {{register.known}}
)
select kind, spell, person, effective, rank, ordinal, %(household)s::uuid || ':' || version as fact,
       (select jsonb_strip_nulls(jsonb_build_object(
            'reason', data ->> 'reason', 'died_on', data ->> 'died_on'))
        from facts where facts.stream = %(household)s and facts.version = asserted.version)
       || jsonb_strip_nulls(said) as said
from asserted
order by ordinal

-- name: revocations
select revoked_rank, revoked_spell, household || ':' || version as fact
from revocations
where household = %(household)s and {{register.known}}
order by version

-- name: recorded
select exists (select from facts where stream = %(household)s and position <= %(position)s) as recorded

-- name: replacements
select area, '' as key, effective, ordinal, stream || ':' || version as fact,
       jsonb_build_object('successor', successor) as said
from area_replacements
where area = any (%(areas)s) and {{register.known}}

-- name: standards
select area, programme as key, effective, ordinal, stream || ':' || version as fact,
       jsonb_build_object(
           'in_force', in_force, 'period', period, 'mode', mode, 'amount_fen', amount_fen, 'tiers', tiers,
           'by_care_form', by_care_form, 'care', care)
       || (select jsonb_build_object(
               'adopted_by', data -> 'adopted_by', 'announced_on', data -> 'announced_on',
               'instrument', data -> 'instrument', 'decided_on', data -> 'decided_on')
           from facts where facts.stream = standards.stream and facts.version = standards.version) as said
from standards
where area = any (%(areas)s) and kind = 'standard' and {{register.known}}

-- name: policies
select area, setting as key, effective, ordinal, stream || ':' || version as fact,
       jsonb_build_object('in_force', in_force, 'value', value) as said
from policies
where area = any (%(areas)s) and {{register.known}}

-- name: defaults
select setting, value from policy_defaults
