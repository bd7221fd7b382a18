-- Calculation 1 of lists whose lines are paid once: help-first and temporary aid, area grants, and lines
-- that failed. Parameters as in monthly.sql; area_grant (a fact's id), reissues (a list).

-- name: grants_document
-- Help-first and temporary aid in cash, each grant once: what was granted in a month and is not yet listed.
with recursive
{{register.homes}},
asked_settings as (
    select area, %(last)s::date as month from homes
),
{{register.settled}},
granted as (
    select facts.stream, facts.type, (data ->> 'decided_on')::date as decided_on,
           (data ->> 'amount_fen')::bigint as fen, data
    from facts
    where type = any (%(types)s) and {{register.said}} and coalesce(data ->> 'form', 'cash') = 'cash'
      and (data ->> 'decided_on')::date < %(last)s::date + interval '1 month'
),
recipients as (
    select distinct on (stream) stream, (data ->> 'household')::uuid as household,
           (data -> 'persons' ->> 0)::uuid as payee
    from facts
    where type in ('assistance.EmergencyAidGranted.v1', 'assistance.TemporaryAidGranted.v1',
                   'assistance.FuneralAidGranted.v1', 'assistance.PaperworkCompleted.v1')
      and {{register.said}}
    order by stream, (data ? 'household') desc, jsonb_array_length(coalesce(data -> 'persons', '[]')) desc, rank
),
opened as (
    select stream, min(type) as type, min(data ->> 'person')::uuid as deceased
    from facts
    where type in ('assistance.EmergencyAidGranted.v1', 'assistance.TemporaryAidGranted.v1',
                   'assistance.FuneralAidGranted.v1')
      and {{register.said}}
    group by stream
),
entitled as (
    select stream, date_trunc('month', decided_on)::date as month, sum(fen) as fen
    from granted
    group by 1, 2
),
listed as (
    select subject as stream, month, sum(fen) as fen
    from parts
    where kind = %(kind)s and {{register.known}}
    group by 1, 2
),
parts_open as (
    select entitled.stream, homes.area, entitled.month, entitled.fen - coalesce(listed.fen, 0) as fen
    from entitled
    join homes using (stream)
    join settled on settled.area = homes.area
    left join listed on listed.stream = entitled.stream and listed.month = entitled.month
    where entitled.fen > coalesce(listed.fen, 0)
      and entitled.month >= ((settled.settings ->> 'lists.first_month') || '-01')::date
      and homes.area >= %(of_area)s::text and homes.area < %(of_area)s::text || ':'
),
-- Nobody is paid who died: funeral aid goes to the household's head, unless that is who died.
heads_now as (
    select distinct on (household) household, person
    from heads
    where {{register.known}} and effective <= %(last)s
    order by household, ordinal desc
),
lines as materialized (
    select stream, parts_open.area, opened.type, recipients.household,
           coalesce(recipients.payee, nullif(heads_now.person, opened.deceased)) as payee,
           sum(fen)::bigint as amount_fen,
           string_agg('{"month":"' || to_char(month, 'YYYY-MM') || '","fen":' || fen || '}', ',' order by month)
               as parts
    from parts_open
    join opened using (stream)
    left join recipients using (stream)
    left join heads_now on heads_now.household = recipients.household
    group by stream, parts_open.area, opened.type, opened.deceased, recipients.household, recipients.payee,
             heads_now.person
)
select entry
from (
    select 1 as place, stream,
           '{"grant":"' || stream || '"' || coalesce(',"household":"' || household || '"', '') || ',"head":"'
           || case type when 'assistance.EmergencyAidGranted.v1' then 'help_first'
                        when 'assistance.FuneralAidGranted.v1' then 'funeral_aid'
                        else 'temporary_aid' end
           || '","area":"' || area || '"' || coalesce(',"payee":"' || payee || '"', '')
           || ',"amount_fen":' || amount_fen || ',"parts":[' || parts || ']}' as entry
    from lines
    union all
    {{end_of_document}}
) as entries
order by place, stream

-- name: end_of_document
select 2, null, '{"lines":' || count(*) || ',"total_fen":' || coalesce(sum(amount_fen), 0) || '}'
from lines

-- name: area_grant
-- The grant as it stands, under the id of the first fact of its chain.
select stream || ':' || rank as grant_id, area, effective, head, rolls, per, amount_fen
from area_grants
where stream = %(stream)s
  and rank = coalesce(
      (select rank from corrections where stream = %(stream)s and version = %(version)s), %(version)s)
  and {{register.known}}

-- name: area_grant_document
-- An amount for everyone on the given rolls in the month, each person in one household, each household once.
with recursive
{{rolls.stays}},
on_rolls as materialized (
    select household, kind, area, persons
    from placed
    where inside
      and (roll = any (%(rolls)s) or split_part(roll, '.', 1) = any (%(rolls)s))
),
beneficiaries as (
    select household, kind, area, persons.person
    from on_rolls
    join persons using (household)
    where kind = 'basic' and persons.covered
    union all
    select household, kind, area, person
    from on_rolls cross join lateral unnest(persons) as person
    where kind <> 'basic'
),
each_once as (
    select distinct on (person) person, household, area
    from beneficiaries
    order by person, kind <> 'basic', household
),
heads_now as (
    select distinct on (household) household, person
    from heads
    where {{register.known}} and effective <= %(last)s
    order by household, ordinal desc
),
payees_now as (
    select distinct on (household) household, person
    from payees
    where {{register.known}} and effective <= %(last)s
    order by household, ordinal desc
),
entitled as (
    select household, min(area) as area, min(person::text)::uuid as first_person,
           %(amount_fen)s::bigint * count(*) as fen
    from each_once
    where %(per)s = 'person'
    group by household
    union all
    select household, min(area), null, %(amount_fen)s::bigint
    from on_rolls
    where %(per)s = 'household'
    group by household
),
listed as (
    select subject as household, sum(fen) as fen
    from parts
    where kind = 'area_grant' and area_grant = %(area_grant)s and {{register.known}}
    group by subject
),
lines as materialized (
    select entitled.household, entitled.area,
           coalesce(payees_now.person, heads_now.person, first_person) as payee,
           (entitled.fen - coalesce(listed.fen, 0))::bigint as amount_fen
    from entitled
    left join listed using (household)
    left join payees_now using (household)
    left join heads_now using (household)
    where entitled.fen > coalesce(listed.fen, 0)
      and entitled.area >= %(of_area)s::text and entitled.area < %(of_area)s::text || ':'
)
select entry
from (
    select 1 as place, household,
           '{"household":"' || household || '","head":"' || %(head)s || '","area":"' || area || '"'
           || coalesce(',"payee":"' || payee || '"', '') || ',"amount_fen":' || amount_fen
           || ',"parts":[{"month":"' || to_char(%(last)s::date, 'YYYY-MM') || '","fen":' || amount_fen || '}]}'
               as entry
    from lines
    union all
    {{end_of_document}}
) as entries
order by place, household

-- name: reissue_document
-- Lines of a list that failed and were neither closed nor issued again; they order nothing new.
with
{{failed}},
lines as materialized (
    select * from failed
)
select entry
from (
    select 1 as place, subject::text || head as key,
           '{' || case when is_grant then '"grant":"' || subject || '"'
                       || coalesce(',"household":"' || household || '"', '')
                       else '"household":"' || subject || '"' end
           || ',"head":"' || head || '","area":"' || area || '"'
           || coalesce(',"payee":"' || payee || '"', '') || ',"amount_fen":' || amount_fen || ',"parts":['
           || parts || '],"reissues":"' || reference_id || '"}' as entry
    from lines
    union all
    {{end_of_document}}
) as entries
order by place, key collate "C"

-- name: failed
-- failed: lines of the list `reissues` whose last report says so, and of which nobody disposed.
last_results as (
    select reference_id, status
    from results
    where list = %(reissues)s and {{register.known}}
),
failed as materialized (
    select lines.subject, lines.household, lines.head, lines.area, lines.payee, lines.amount_fen,
           lines.reference_id, of_list.kind in ('help_first', 'temporary_aid') as is_grant,
           (select string_agg('{"month":"' || to_char(parts.month, 'YYYY-MM') || '","fen":' || parts.fen || '}',
                              ',' order by parts.month)
            from parts
            where parts.list = lines.list and parts.subject = lines.subject and parts.head = lines.head) as parts
    from lines
    join last_results using (reference_id)
    join {{origin}} as of_list on true
    where lines.list = %(reissues)s and status in ('rjct', 'returned')
      and not exists (
        select from closures
        where closures.reference_id = lines.reference_id and closures.known_from <= %(position)s)
      and not exists (
        select from lines as again
        join lists on lists.list = again.list
        where again.reissues = lines.reference_id and lists.known_from <= %(position)s
          and (lists.known_to is null or lists.known_to > %(position)s))
)

-- name: origin
-- The list whose lines they first were: re-issued lines may fail again.
(
    with recursive back as (
        select list, kind, reissues, 0 as hop from lists where list = %(reissues)s
        union all
        select lists.list, lists.kind, lists.reissues, hop + 1
        from back join lists on lists.list = back.reissues
    )
    select kind from back order by hop desc limit 1
)
