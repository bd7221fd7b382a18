-- name: known
-- Whether anything is on record of the household.
select exists (select from facts where stream = %(household)s and position <= %(position)s) as known

-- name: list
with recursive {{register.subject}}, {{totals.amounts_of_spans}},
recognised as materialized (
    select recognition, area, persons, fact
    from (
        select distinct on (recognition) recognition, area, persons, in_force, until,
               household || ':' || version as fact
        from recognitions
        where household = %(household)s and {{register.known}} and effective <= %(last)s
        order by recognition, ordinal desc
    ) as latest
    where in_force and (until is null or until >= %(last)s)
),
people as materialized (
    select person from persons
    union
    select person from recognised cross join lateral unnest(persons) as person
),
-- On which rolls the household and its persons are: what an area grant goes by.
rolls as materialized (
    select programme as roll, area, array(select person from persons where covered) as persons
    from seats
    union all
    select split_part(programme, '.', 1), area, array(select person from persons where covered)
    from seats
    where programme like '%%.%%'
    union all
    select recognition, area, persons from recognised
),
area_grant_lines as (
    select area_grants.head as policy, area_grants.per, area_grants.amount_fen,
           array[stream || ':' || version] as facts,
           (select count(distinct person) from rolls cross join lateral unnest(rolls.persons) as person
            where rolls.roll = any (area_grants.rolls)
              and left(rolls.area, length(area_grants.area)) = area_grants.area) as persons
    from area_grants
    where {{register.known}} and effective = %(last)s
      and exists (
        select from rolls
        where rolls.roll = any (area_grants.rolls)
          and left(rolls.area, length(area_grants.area)) = area_grants.area)
),
grants_of_month as materialized (
    select stream, version, type, data
    from facts
    where type in ('assistance.EmergencyAidGranted.v1', 'assistance.AidInstalmentGranted.v1',
                   'assistance.TemporaryAidGranted.v1', 'assistance.FuneralAidGranted.v1')
      and {{register.said}}
      and (data ->> 'decided_on')::date between %(last)s
          and (%(last)s::date + interval '1 month - 1 day')::date
),
-- To whom a grant went: as said at the grant, or found out with the paperwork.
recipients_of_grants as (
    select stream, (data ->> 'household')::uuid as household, (data ->> 'person')::uuid as person,
           data -> 'persons' as persons
    from facts
    where type in ('assistance.EmergencyAidGranted.v1', 'assistance.TemporaryAidGranted.v1',
                   'assistance.FuneralAidGranted.v1', 'assistance.PaperworkCompleted.v1',
                   'assistance.AidConvertedToEnrolment.v1')
      and {{register.said}} and stream in (select stream from grants_of_month)
),
own_grants as (
    select stream
    from recipients_of_grants
    where household = %(household)s
       or (household is null and (
           person in (select people.person from people)
           or exists (
               select from jsonb_array_elements_text(persons) as helped
               where helped::uuid in (select people.person from people))))
),
listed as (
    select 1 as place, 'civil_affairs' as department, programme as policy, 'money' as form,
           entitled_fen as quantity, 'fen' as unit,
           jsonb_strip_nulls(jsonb_build_object(
               'base_fen', base_fen::text, 'supplements_fen', supplements_fen::text, 'members', members,
               'covered', covered, 'income_fen', income_fen, 'standard_fen', standard_fen, 'period', period,
               'tier', tier, 'suspended', suspended, 'in_grace', in_grace)) as detail,
           (select array_agg(household || ':' || version) from standing
            where on_roll and standing.spell = spans_due.spell)
           || array_remove(array[standard], null) as facts
    from spans_due
    union all
    select 2, 'civil_affairs', policy, 'money',
           amount_fen * case per when 'person' then persons else 1 end, 'fen',
           jsonb_build_object('per', per, 'persons', persons, 'amount_fen', amount_fen), facts
    from area_grant_lines
    union all
    select 3, 'civil_affairs',
           case type when 'assistance.TemporaryAidGranted.v1' then 'temporary_aid'
                     when 'assistance.FuneralAidGranted.v1' then 'funeral_aid'
                     else 'help_first' end,
           case data ->> 'form' when 'kind' then 'goods' else 'money' end,
           (data ->> 'amount_fen')::bigint, 'fen',
           jsonb_strip_nulls(jsonb_build_object(
               'cause', data -> 'cause', 'type', data -> 'type', 'goods', data -> 'goods',
               'recipients', data -> 'recipients', 'granted_on', data -> 'decided_on')),
           array[stream || ':' || version]
    from grants_of_month
    where stream in (select own_grants.stream from own_grants)
    union all
    select 4, coalesce(data ->> 'department', 'civil_affairs'), coalesce(data ->> 'policy', data ->> 'kind'),
           case when data ->> 'unit' = 'fen' and type = 'assistance.DepartmentAidReported.v1' then 'money'
                when data ->> 'unit' = 'point' then 'points'
                when data ->> 'unit' = 'item' or data ->> 'kind' = 'goods' then 'goods'
                else 'service' end,
           (data ->> 'quantity')::bigint, data ->> 'unit',
           jsonb_strip_nulls(jsonb_build_object(
               'person', data -> 'person', 'provider', data -> 'provider', 'description', data -> 'description')),
           array[stream || ':' || version]
    from facts
    where type in ('assistance.DepartmentAidReported.v1', 'assistance.ServiceDelivered.v1')
      and {{register.said}}
      and data ->> 'household' = %(household)s::uuid::text and data ->> 'month' = %(month)s
)
select department, policy, form, quantity, unit, detail, facts
from listed
order by place, department collate "C", policy collate "C", facts[1] collate "C"
