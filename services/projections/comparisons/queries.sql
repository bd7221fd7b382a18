-- Two computations of a month's list beside each other: which parts differ, and which facts between the two
-- positions made them differ (causes.sql). A side is computed by `figures`, with parameters of its own, as in
-- payment_lists/monthly.sql; the texts around them take
--   low, high          the positions between which the causes lie
--   forward            whether the side `after` is the one at the later position
--   before_*, after_*  what each side asks for: area, programme, month, first, and in lists: list

-- name: asked
-- asked: households that ever stood in the area of a side, and those that were absorbed by them.
ever_here as materialized (
    select distinct household
    from areas
    where effective <= greatest(%(before_month)s::date, %(after_month)s::date) and known_from <= %(high)s
      and (
        (area >= %(before_area)s::text and area < %(before_area)s::text || ':')
        or (area >= %(after_area)s::text and area < %(after_area)s::text || ':')
        or exists (
            select from area_replacements as gone
            where areas.area >= gone.area and areas.area < gone.area || ':'))
),
mergers_ever as materialized (
    select distinct (data ->> 'absorbed')::uuid as absorbed, stream as survivor
    from facts
    where type = 'assistance.HouseholdsMerged.v1' and position <= %(high)s
),
asked as materialized (
    select household from ever_here
    union
    select absorbed from asked join mergers_ever on mergers_ever.survivor = asked.household
)

-- name: figures
-- One relation, because a side is computed once:
--   part   of a line: area, programme (the head), person (the payee), month, fen
--   seat   where a household stood from `month` up to `until`, and all that its amount (fen) follows from
--   route  where a household's corrections go: area, programme; fen is the share that is offset
--   rule   the settings of an area in a month
--   path   the codes that a code gave way to
with recursive
{{payment_lists.mergers}},
{{payment_lists.spans_of_asked}},
{{payment_lists.open_parts}},
{{payment_lists.carried}},
{{payment_lists.lines}}
select 'seat'::text as what, seats.household, seats.month, seats.until, seats.stood_in, seats.area,
       seats.programme, seats.head as person, entitled_fen as fen, standard, standard_area, first_listed,
       seats.spell, seats.single_person, seats.income_fen, seats.tier, seats.care_form, seats.suspended,
       seats.members, seats.covered, seats.covered_persons, seats.classes, seats.self_cares,
       null::jsonb as settings
from seats
join spans_due on spans_due.household = seats.household and spans_due.month = seats.month
join ruled on ruled.month = seats.month and ruled.area = seats.area
union all
select 'part', listed_parts.household, month, null, null, area, programme, coalesce(person, head), fen,
       null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
from listed_parts
join carried_here using (household)
left join payees_now using (household)
union all
select 'route', household, null, null, null, area, programme, head, offset_bp,
       null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
from carried
union all
select 'rule', null, month, null, null, area, null, null, null,
       null, null, null, null, null, null, null, null, null, null, null, null, null, null, settings
from ruled
union all
select distinct 'path', null::uuid, month, null::date, stood, area, null, null::uuid, null::bigint,
       null, null, null::date, null::int, null::boolean, null::bigint, null, null, null::boolean, null::bigint,
       null::bigint, null::uuid[], null::jsonb, null::jsonb, null::jsonb
from hops

-- name: parts_computed
parts_before as materialized (
    select household, programme as head, month, area, person as payee, fen
    from figures_before where what = 'part'
),
parts_after as materialized (
    select household, programme as head, month, area, person as payee, fen
    from figures_after where what = 'part'
)

-- name: parts_listed
parts_before as materialized (
    select subject as household, head, month, parts.area, payee, fen
    from parts join lines using (list, subject, head)
    where list = %(before_list)s
),
parts_after as materialized (
    select subject as household, head, month, parts.area, payee, fen
    from parts join lines using (list, subject, head)
    where list = %(after_list)s
)

-- name: differing
-- differing: parts that are on one side only or of another amount, and lines that go elsewhere.
paired as materialized (
    select household, head, month, parts_before.fen as fen_before, parts_after.fen as fen_after,
           parts_before.area as area_before, parts_after.area as area_after,
           parts_before.payee as payee_before, parts_after.payee as payee_after
    from parts_before
    full join parts_after using (household, head, month)
),
addresses as (
    select household, head, max(area_before) as area_before, max(area_after) as area_after,
           max(payee_before::text)::uuid as payee_before, max(payee_after::text)::uuid as payee_after,
           count(fen_before) > 0 and count(fen_after) > 0 as on_both
    from paired
    group by household, head
),
differing as materialized (
    select household, head, month, coalesce(fen_before, 0) as fen_before, coalesce(fen_after, 0) as fen_after,
           area_before, area_after, payee_before, payee_after
    from paired
    where fen_before is distinct from fen_after
    union all
    select household, head, '-infinity', 0, 0, area_before, area_after, payee_before, payee_after
    from addresses
    where on_both and (area_before <> area_after or payee_before is distinct from payee_after)
)

-- name: explained
-- told: each difference with what explains it, as it is given out; `unexplained` should never be.
told as materialized (
    select differing.*, coalesce(ids, '[]') as ids, coalesce(causes, '{}') as causes
    from differing
    left join (
        select household, head, month, array_agg(distinct cause order by cause) as causes,
               json_agg(distinct case when why is null then facts.stream || ':' || facts.version
                                      else 'scope.' || why end) as ids
        from caused
        left join facts using (position)
        group by household, head, month
    ) as why using (household, head, month)
)

-- name: summary
-- What the two sides come to, and what the differences come to by the kinds of their causes.
select 0 as place, null::uuid as household, json_build_object(
    'before', (select json_build_object('lines', count(distinct (household, head)),
                                        'total_fen', coalesce(sum(fen), 0)) from parts_before),
    'after', (select json_build_object('lines', count(distinct (household, head)),
                                       'total_fen', coalesce(sum(fen), 0)) from parts_after),
    'subjects', (select count(distinct household) from told),
    'lines', (select count(distinct (household, head)) from told),
    'parts', (select count(*) from told where month > '-infinity'),
    'fen_before', (select coalesce(sum(fen_before), 0) from told),
    'fen_after', (select coalesce(sum(fen_after), 0) from told),
    'by_cause', (
        select coalesce(json_agg(json_build_object(
            'causes', causes, 'subjects', subjects, 'parts', parts, 'fen_before', fen_before,
            'fen_after', fen_after) order by causes), '[]')
        from (
            select causes, count(distinct household) as subjects,
                   count(*) filter (where month > '-infinity') as parts, sum(fen_before) as fen_before,
                   sum(fen_after) as fen_after
            from told group by causes) as kinds),
    'unexplained', (select count(*) from told where causes = '{}')) as entry

-- name: entries
-- An entry a household: its parts that differ, its lines that go elsewhere, and the causes of both.
chosen as materialized (
    select distinct household
    from told
    where %(after)s::uuid is null or household > %(after)s::uuid
    order by household
    limit %(limit)s::bigint
),
entries as (
    select household, json_build_object(
        'subject', household,
        'fen_before', sum(fen_before),
        'fen_after', sum(fen_after),
        'parts', coalesce(json_agg(json_build_object(
            'head', head, 'month', to_char(month, 'YYYY-MM'), 'fen_before', fen_before, 'fen_after', fen_after,
            'causes', ids) order by month, head) filter (where month > '-infinity'), '[]'),
        'lines', coalesce(json_agg(json_build_object(
            'head', head, 'area_before', area_before, 'area_after', area_after,
            'payee_before', payee_before, 'payee_after', payee_after, 'causes', ids)
            order by head) filter (where month = '-infinity'), '[]'),
        'causes', coalesce(min(found::text)::json, '[]'),
        'unexplained', count(*) filter (where told.causes = '{}')) as entry
    from told
    join chosen using (household)
    left join (
        select household as of_household, json_agg(json_build_object(
            'id', id, 'cause', cause, 'type', type, 'position', position, 'effective', effective)
            order by position, cause, id) as found
        from (
            select distinct household, cause, position, type, to_char(effective, 'YYYY-MM') as effective,
                   case when why is null then stream || ':' || version else 'scope.' || why end as id
            from caused
            join chosen using (household)
            left join facts using (position)
        ) as each
        group by household
    ) as why on why.of_household = household
    group by household
)

-- name: compared
{{differing}},
{{relatives}},
{{entitlements}},
{{own_facts}},
{{rulings}},
{{of_money}},
{{of_areas}},
{{of_routes}},
{{of_scope}},
{{of_households}},
{{of_standards}},
{{of_policies}},
{{causes}},
{{answer}}

-- name: answer
{{explained}},
{{entries}}
select place, household, entry
from (
    select * from ({{summary}}) as summary
    union all
    select 1, household, entry from entries
) as answer
where place = 1 or %(summarised)s
order by place, household
