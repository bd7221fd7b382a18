-- Two lists beside each other of which one at least is of grants, of an area grant, or of lines that are
-- issued again: their documents, and what became known between the positions of whom they are for.
-- Parameters as in queries.sql, and for each side kind, area_grant (a fact's id) and reissues (a list).

-- name: compared_documents
with recursive
{{parts_listed}},
{{differing}},
{{sharers}},
{{of_subjects}},
{{of_rulings}},
{{of_payments}},
{{scopes}},
caused as materialized (
    select distinct differing.household, head, month, cause, position, null::text as why
    from differing
    join (
        select * from by_subject
        union select * from by_payment
    ) as said on said.household = differing.household
    union
    select household, head, month, cause, position, null from by_ruling
    union
    select household, head, month, 'scope', null, why from scopes
),
{{answer}}

-- name: sharers
-- sharers: a household, and those that a person of it was ever said to belong to: each person gets an area
-- grant in one of them.
sharers as materialized (
    select distinct household, household as relative from differing
    union
    select of_one.household, of_another.household
    from (select distinct household from differing) as differing
    join members as of_one using (household)
    join members as of_another using (person)
)

-- name: of_subjects
-- by_subject: facts of the grant, or of the household, that say something of a month that is listed.
by_subject as (
    select sharers.household,
           case when type in (
               'assistance.EmergencyAidGranted.v1', 'assistance.AidInstalmentGranted.v1',
               'assistance.TemporaryAidGranted.v1', 'assistance.FuneralAidGranted.v1',
               'assistance.PaperworkCompleted.v1') then 'grant' else 'household' end as cause, position
    from sharers
    join facts on facts.stream = sharers.relative
    where {{between}}
      and (type in (
               'assistance.EmergencyAidGranted.v1', 'assistance.AidInstalmentGranted.v1',
               'assistance.TemporaryAidGranted.v1', 'assistance.FuneralAidGranted.v1',
               'assistance.PaperworkCompleted.v1', 'assistance.ExitRevoked.v1',
               'assistance.EnrolmentRevoked.v1')
           or (effective is not null and (data ? 'corrects'
               or effective <= greatest(%(before_month)s::date, %(after_month)s::date))))
)

-- name: of_rulings
-- by_ruling: the grant itself, settings and codes of an area that encloses a line's.
by_ruling as (
    select household, head, month,
           case type when 'assistance.AreaGrantAdopted.v1' then 'grant'
                     when 'assistance.AreaReplaced.v1' then 'area' else 'policy' end as cause, position
    from (
        select differing.*, digits
        from differing
        cross join (values (12), (9), (6), (4), (2)) as enclosing (digits)
    ) as places
    join (
        select type, position, data ->> 'area' as area, data ->> 'successor' as successor,
               type <> 'assistance.AreaGrantAdopted.v1'
               or stream || ':' || rank in (%(before_grant)s::text, %(after_grant)s::text) as concerns
        from facts
        where {{between}}
          and type in ('assistance.AreaGrantAdopted.v1', 'assistance.AreaReplaced.v1',
                       'assistance.PolicyAdopted.v1', 'assistance.PolicyEnded.v1')
    ) as said
      on concerns and (
          said.area in (left(area_before, digits), left(area_after, digits))
          or said.successor in (left(area_before, digits), left(area_after, digits)))
)

-- name: of_payments
-- by_payment: lists that count on one side only, and what was reported of lines, or closed.
by_payment as (
    select subject as household, 'list' as cause, position
    from (
        select list, case when {{counted_high}} then known_from else known_to end as position
        from lists
        where {{counted_low}} <> {{counted_high}}
    ) as moved
    join lines using (list)
    where subject in (select household from differing)
    union
    select subject, 'result', results.known_from
    from results
    join lines using (reference_id)
    where results.known_from > %(low)s and results.known_from <= %(high)s
      and subject in (select household from differing)
    union
    select subject, 'result', closures.known_from
    from closures
    join lines using (reference_id)
    where closures.known_from > %(low)s and closures.known_from <= %(high)s
      and subject in (select household from differing)
)

-- name: scopes
scopes as (
    select household, head, month, why
    from differing
    cross join (values
        ('kind', %(before_kind)s::text <> %(after_kind)s::text),
        ('grant', %(before_grant)s::text is distinct from %(after_grant)s::text),
        ('list', %(before_reissues)s::uuid is distinct from %(after_reissues)s::uuid),
        ('month', %(before_month)s::date <> %(after_month)s::date),
        ('area', %(before_area)s::text <> %(after_area)s::text),
        ('programme', %(before_programme)s::text is distinct from %(after_programme)s::text)
    ) as asked (why, differs)
    where differs
)
