-- Where the subjects of facts are, and which settings hold there: fragments for questions that ask beyond
-- the roll. Parameters: position, on (a day), last (its month, as its first day), area, programme (null).

-- name: said
position <= %(position)s and (known_to is null or known_to > %(position)s)

-- name: said_by_day
position <= %(position)s and (known_to is null or known_to > %(position)s)
  and (data ->> 'decided_on')::date <= %(on)s::date

-- name: homes
-- homes: the area in which a household, a grant, an alert or a complaint is counted: where the household
-- was last said to stand, else where it was recognised or applied; codes that gave way are followed.
homes as materialized (
    with recursive located as (
        select household, area, 1 as source, ordinal from areas where {{known}}
        union all
        select household, area, 2, ordinal from recognitions where {{known}} and area is not null
        union all
        select stream, data ->> 'area', 3, position
        from facts
        where type in ('assistance.ApplicationReceived.v1', 'assistance.EmergencyAidGranted.v1',
                       'assistance.TemporaryAidGranted.v1', 'assistance.FuneralAidGranted.v1',
                       'assistance.AlertRaised.v1', 'assistance.ComplaintReceived.v1')
          and {{said}}
    ),
    stood as materialized (
        select distinct on (household)
               household, %(last)s::date as month, null::date as until, null::int as spell,
               null::boolean as single_person, null::text collate "C" as programme, area collate "C" as area,
               null::bigint as income_fen, null::text as tier, null::text as care_form,
               null::boolean as suspended, null::boolean as in_grace
        from located
        order by household, source, ordinal desc
    ),
    {{places}}
    select household as stream, area from seats
)

-- name: settled
-- settled: the policy settings in force in an area and month, one object each, defaults included. The
-- pairs asked for stand in `asked_settings (area, month)`, which comes first.
policy_terms as materialized (
    select area, setting, in_force, value, effective,
           coalesce(lead(effective) over (partition by area, setting order by ordinal), 'infinity') as until
    from policies
    where {{known}}
),
nearest_policies as (
    select distinct on (asked.area, asked.month, setting) asked.area, asked.month, setting, value
    from (select distinct area, month from asked_settings) as asked
    cross join (values (12), (9), (6), (4), (2)) as enclosing (digits)
    join policy_terms on policy_terms.area = left(asked.area, enclosing.digits)
     and asked.month >= policy_terms.effective and asked.month < policy_terms.until
    where enclosing.digits <= length(asked.area) and in_force
    order by asked.area, asked.month, setting, length(policy_terms.area) desc
),
settled as materialized (
    select asked.area, asked.month,
           (select jsonb_object_agg(setting, value) from policy_defaults)
           || coalesce(jsonb_object_agg(setting, value) filter (where setting is not null), '{}') as settings
    from (select distinct area, month from asked_settings) as asked
    left join nearest_policies using (area, month)
    group by asked.area, asked.month
)
