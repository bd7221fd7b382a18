-- Why parts differ: facts that became known after `low` and up to `high`, and that say something of the part.
-- A cause belongs to a month; to every month of the household (infinity); or to the line itself, to whom
-- and where it goes (-infinity). Parameters as in queries.sql.

-- name: relatives
-- related: a household, and those with which it was ever merged: their months are settled together.
merged_with as (
    select survivor as household, absorbed as relative from mergers_ever
    union
    select absorbed, survivor from mergers_ever
),
related as materialized (
    select distinct household, household as relative from differing
    union
    select related.household, merged_with.relative
    from related join merged_with on merged_with.household = related.relative
),
with_kin as materialized (
    select distinct household from related where household <> relative
)

-- name: entitlements
-- reentitled: where the amount of a month is another, and what of the household it follows from changed.
concerned as (
    select related.household, relative, month
    from related
    join (select distinct household, month from differing) as months on months.household = related.household
    where month <= least(%(before_month)s::date, %(after_month)s::date)
),
seats_before as materialized (
    select figures_before.* from figures_before
    join (select distinct relative from related) as related on related.relative = figures_before.household
    where what = 'seat'
),
seats_after as materialized (
    select figures_after.* from figures_after
    join (select distinct relative from related) as related on related.relative = figures_after.household
    where what = 'seat'
),
reentitled as materialized (
    select concerned.household, concerned.relative, concerned.month,
           {{changed_attributes}} as changed,
           concerned.month < %(before_first)s::date or concerned.month < %(after_first)s::date as unlisted,
           was.household is not null and now.household is not null as on_both,
           was.stood_in as stood_before, now.stood_in as stood_after, was.area as area_before,
           now.area as area_after, was.month as month_before, now.month as month_after,
           was.programme as programme_before, now.programme as programme_after, was.standard as standard_before,
           now.standard as standard_after, was.standard_area as standard_area_before,
           now.standard_area as standard_area_after,
           coalesce(was.single_person or now.single_person, false) as single_person,
           coalesce(was.classes::text, '') || coalesce(now.classes::text, '') as classes
    from concerned
    left join seats_before as was
      on was.household = concerned.relative and was.month <= concerned.month and was.until > concerned.month
    left join seats_after as now
      on now.household = concerned.relative and now.month <= concerned.month and now.until > concerned.month
    where coalesce(case when was.first_listed <= concerned.month then was.fen end, 0)
          <> coalesce(case when now.first_listed <= concerned.month then now.fen end, 0)
)

-- name: changed_attributes
-- What differs of a household between `was` and `now`; whoever left the roll has nothing else to say.
case
    when was.household is null and now.household is null
         or concerned.month < %(before_first)s::date or concerned.month < %(after_first)s::date then '{}'
    when was.household is null or now.household is null or was.spell <> now.spell then
        case when case when %(forward)s then now.household else was.household end is null
             then array['standing'] else {{every_attribute}} end
    else array_remove(array[
        case when was.single_person is distinct from now.single_person then 'single' end,
        case when was.programme <> now.programme then 'programme' end,
        case when was.stood_in <> now.stood_in then 'area' end,
        case when was.income_fen is distinct from now.income_fen then 'income' end,
        case when was.tier is distinct from now.tier then 'tier' end,
        case when was.care_form is distinct from now.care_form then 'care_form' end,
        case when was.suspended <> now.suspended then 'suspended' end,
        case when was.members <> now.members or was.covered_persons is distinct from now.covered_persons
             then 'persons' end,
        case when was.classes is distinct from now.classes then 'classes' end,
        case when was.self_cares is distinct from now.self_cares then 'self_cares' end], null)
end

-- name: every_attribute
array['standing', 'single', 'programme', 'area', 'income', 'tier', 'care_form', 'suspended', 'persons',
      'classes', 'self_cares', 'head']

-- name: says
-- says: what of a household a fact can change.
says (type, attributes) as (
    values
        ('assistance.HouseholdEnrolled.v1', {{every_attribute}}),
        ('assistance.EnrolmentRevoked.v1', {{every_attribute}}),
        ('assistance.HouseholdExited.v1', array['standing']),
        ('assistance.ExitRevoked.v1', array['standing', 'income', 'tier', 'persons']),
        ('assistance.GracePeriodStarted.v1', array['standing', 'income', 'tier']),
        ('assistance.ProgrammeChanged.v1', array['programme', 'tier']),
        ('assistance.HouseholdMoved.v1', array['area']),
        ('assistance.IncomeReassessed.v1', array['income', 'persons']),
        ('assistance.TierChanged.v1', array['tier']),
        ('assistance.CareFormChanged.v1', array['care_form']),
        ('assistance.PaymentSuspended.v1', array['suspended']),
        ('assistance.PaymentResumed.v1', array['suspended']),
        ('assistance.MemberJoined.v1', array['income', 'persons', 'classes', 'self_cares']),
        ('assistance.MemberLeft.v1', array['income', 'persons', 'classes', 'self_cares']),
        ('assistance.HouseholdSplit.v1', array['income', 'persons', 'classes', 'self_cares']),
        ('assistance.HouseholdsMerged.v1', array['income', 'persons', 'classes', 'self_cares']),
        ('assistance.MemberDied.v1', array['persons', 'classes', 'self_cares']),
        ('assistance.MemberCoverStopped.v1', array['persons', 'classes', 'self_cares']),
        ('assistance.MemberCoverRestored.v1', array['persons', 'classes', 'self_cares']),
        ('assistance.SupplementAssigned.v1', array['classes']),
        ('assistance.SupplementWithdrawn.v1', array['classes']),
        ('assistance.SelfCareAssessed.v1', array['self_cares']),
        ('assistance.HeadChanged.v1', array['head']),
        ('assistance.PayeeDesignated.v1', array['payee'])
)

-- name: between
position > %(low)s and position <= %(high)s and (known_to is null or known_to > %(high)s)

-- name: own_facts
-- own_facts: what became known of these households between the positions, and from which month on it says
-- something, what it took the place of and what it left out included.
{{says}},
own_facts as materialized (
    select stream as household, position, attributes,
           case when type in ('assistance.ExitRevoked.v1', 'assistance.EnrolmentRevoked.v1') then coalesce(
                    (select min(revoked.effective) from revocations
                     join facts as revoked on revoked.stream = facts.stream
                      and revoked.rank = revocations.revoked_rank
                     where revocations.household = facts.stream and revocations.rank = facts.rank
                       and revoked_rank is not null),
                    '-infinity')
                when data ? 'corrects' then
                    (select min(chain.effective) from facts as chain
                     where chain.stream = facts.stream and chain.rank = facts.rank)
                else effective end as since
    from facts
    join says using (type)
    where {{between}} and stream in (select relative from related)
)

-- name: rulings
-- What places said between the positions, each with everything that its chain of corrections was about.
ruled_between as materialized (
    select position, stream, rank, type
    from facts
    where {{between}}
      and type in ('assistance.StandardAdopted.v1', 'assistance.StandardEnded.v1', 'assistance.PolicyAdopted.v1',
                   'assistance.PolicyEnded.v1', 'assistance.AreaReplaced.v1')
),
standards_between as materialized (
    select position, area, programme, min(standards.effective) as since
    from ruled_between join standards using (stream, rank)
    where kind = 'standard' and known_from <= %(high)s
    group by position, area, programme
),
policies_between as materialized (
    select position, area, setting, min(policies.effective) as since
    from ruled_between join policies using (stream, rank)
    where known_from <= %(high)s
    group by position, area, setting
),
replacements_between as materialized (
    select position, area, min(area_replacements.effective) as since
    from ruled_between join area_replacements using (stream, rank)
    where known_from <= %(high)s
    group by position, area
)

-- name: of_standards
-- by_standard: another standard was taken, or its own was corrected or ended.
standard_changes as materialized (
    select distinct month, standard_area_before, standard_area_after, programme_before, programme_after
    from reentitled
    where on_both and standard_before is distinct from standard_after
),
standard_causes as materialized (
    select distinct changes.*, position
    from (
        select standard_changes.*, side.area, kin.programme
        from standard_changes
        cross join lateral (values (standard_area_before), (standard_area_after)) as side (area)
        cross join lateral (
            values (programme_before), (programme_after), (split_part(programme_before, '.', 1)),
                   (split_part(programme_after, '.', 1))) as kin (programme)
        where side.area is not null
    ) as changes
    join standards_between as said on said.area = changes.area and said.programme = changes.programme
    where said.since <= changes.month
),
by_standard as (
    select household, reentitled.month, 'standard' as cause, position
    from reentitled
    join standard_causes as why
      on why.month = reentitled.month and why.programme_before = reentitled.programme_before
     and why.programme_after = reentitled.programme_after
     and coalesce(why.standard_area_before, '') = coalesce(reentitled.standard_area_before, '')
     and coalesce(why.standard_area_after, '') = coalesce(reentitled.standard_area_after, '')
    where on_both and standard_before is distinct from standard_after
)

-- name: of_policies
-- by_policy: a setting that the amount follows from has another value.
policy_changes as materialized (
    select distinct month_before, area_before, month_after, area_after from reentitled where on_both
),
settings_changed as materialized (
    select policy_changes.*, was.setting
    from policy_changes
    join figures_before as rule_before on rule_before.what = 'rule'
     and rule_before.month = month_before and rule_before.area = area_before
    join figures_after as rule_after on rule_after.what = 'rule'
     and rule_after.month = month_after and rule_after.area = area_after
    cross join lateral jsonb_each(rule_before.settings) as was (setting, value)
    where was.value is distinct from rule_after.settings -> was.setting
    union
    select policy_changes.*, now.setting
    from policy_changes
    join figures_before as rule_before on rule_before.what = 'rule'
     and rule_before.month = month_before and rule_before.area = area_before
    join figures_after as rule_after on rule_after.what = 'rule'
     and rule_after.month = month_after and rule_after.area = area_after
    cross join lateral jsonb_each(rule_after.settings) as now (setting, value)
    where rule_before.settings -> now.setting is null
),
policy_causes as materialized (
    select distinct settings_changed.*, said.since, said.position
    from settings_changed
    cross join lateral (values (area_before), (area_after)) as side (area)
    cross join (values (12), (9), (6), (4), (2)) as enclosing (digits)
    join policies_between as said
      on said.setting = settings_changed.setting and said.area = left(side.area, enclosing.digits)
    where enclosing.digits <= length(side.area)
),
by_policy as (
    select household, reentitled.month, 'policy' as cause, position
    from reentitled
    join policy_causes as why using (month_before, area_before, month_after, area_after)
    where why.since <= reentitled.month
      and (setting in ('rounding', 'lists.first_month')
           or (setting = 'single_person.amount' and single_person)
           or (setting = 'supplements.combine' and classes <> '')
           or (setting like 'supplement.%%' and strpos(classes, '"' || substr(setting, 12) || '"') > 0))
    union all
    select household, reentitled.month, 'policy', position
    from reentitled
    cross join (values (12), (9), (6), (4), (2)) as enclosing (digits)
    join policies_between
      on policies_between.area = left(coalesce(area_after, area_before), enclosing.digits)
    where enclosing.digits <= length(coalesce(area_after, area_before))
      and unlisted and setting = 'lists.first_month'
),
offset_causes as (
    select household, month, 'policy' as cause, position
    from routes
    cross join lateral (values (area_before), (area_after)) as side (area)
    cross join (values (12), (9), (6), (4), (2)) as enclosing (digits)
    join policies_between on policies_between.area = left(side.area, enclosing.digits)
    join (select household, month from differing where least(fen_before, fen_after) < 0) as taken
        using (household)
    where enclosing.digits <= length(side.area) and setting = 'overpayments.offset_bp' and offsets_differ
)

-- name: of_areas
-- by_code: a code on the way from where the household stood to where it is counted gave way.
paths as materialized (
    select month, stood_in, area from figures_before where what = 'path'
    union
    select month, stood_in, area from figures_after where what = 'path'
),
codes_between as materialized (
    select distinct paths.month, stood_in, position, since
    from paths
    cross join (values (12), (9), (6), (4), (2)) as enclosing (digits)
    join replacements_between on replacements_between.area = left(paths.area, enclosing.digits)
    where enclosing.digits <= length(paths.area)
),
by_code as (
    select household, reentitled.month, 'area' as cause, position
    from reentitled
    join codes_between on codes_between.month = month_before and stood_in = stood_before
    where on_both and area_before <> area_after and since <= reentitled.month
    union
    select household, reentitled.month, 'area', position
    from reentitled
    join codes_between on codes_between.month = month_after and stood_in = stood_after
    where on_both and area_before <> area_after and since <= reentitled.month
)

-- name: of_money
-- by_list: lists that count on one side and not on the other. by_recovery: the same of what is got back.
lists_moved as materialized (
    select list, case when {{counted_high}} then known_from else known_to end as position
    from lists
    where kind = 'monthly' and {{counted_low}} <> {{counted_high}}
),
listed_between as materialized (
    select subject, month, position from lists_moved join parts using (list)
),
by_list as (
    select concerned.household, concerned.month, 'list' as cause, position
    from concerned
    join listed_between on listed_between.subject = concerned.relative
     and listed_between.month = concerned.month
),
recovered_between as materialized (
    select household, month, case when {{counted_high}} then known_from else known_to end as position
    from recovery_parts
    where {{counted_low}} <> {{counted_high}}
    union
    select recovery_parts.household, month, receipts.position
    from (
        select recovery, case when {{counted_high}} then known_from else known_to end as position
        from receipts
        where not waived and {{counted_low}} <> {{counted_high}}
    ) as receipts
    join recovery_parts using (recovery)
    where known_from <= %(high)s
),
by_recovery as (
    select concerned.household, concerned.month, 'recovery' as cause, position
    from concerned
    join recovered_between on recovered_between.household = concerned.relative
     and recovered_between.month = concerned.month
)

-- name: counted_low
(known_from <= %(low)s and coalesce(known_to > %(low)s, true))

-- name: counted_high
(known_from <= %(high)s and coalesce(known_to > %(high)s, true))

-- name: of_households
-- by_household: facts of the household itself. by_merger: who is settled with it, and since when.
by_household as (
    select reentitled.household, month, 'household' as cause, position
    from reentitled
    join own_facts on own_facts.household = reentitled.relative
    where since <= month and own_facts.attributes && changed
),
by_merger as (
    select concerned.household, month, 'merger' as cause, position
    from concerned
    join (
        select stream as survivor, (data ->> 'absorbed')::uuid as absorbed, position
        from facts
        where type = 'assistance.HouseholdsMerged.v1' and {{between}}
        union
        select facts.stream, (chain.data ->> 'absorbed')::uuid, facts.position
        from facts
        join facts as chain on chain.stream = facts.stream and chain.rank = facts.rank
        where facts.type = 'assistance.HouseholdsMerged.v1' and facts.position > %(low)s
          and facts.position <= %(high)s and facts.data ? 'corrects'
          and chain.type = 'assistance.HouseholdsMerged.v1' and chain.position <= %(high)s
    ) as merged on concerned.relative in (survivor, absorbed)
    join own_facts using (position)
    where since <= month
    union
    select concerned.household, month, 'household', position
    from concerned
    join with_kin using (household)
    join own_facts on own_facts.household = concerned.relative
    where since <= month and 'standing' = any (own_facts.attributes)
)

-- name: of_routes
-- by_route: the line goes to another area, under another head, or to another person.
routes as materialized (
    select household, was.area as area_before, now.area as area_after,
           was.programme is distinct from now.programme
           or ({{before_scope}}) is distinct from ({{after_scope}}) as line_differs,
           was.area is distinct from now.area as area_differs, was.fen <> now.fen as offsets_differ
    from (select distinct household from differing) as households
    join figures_before as was using (household)
    join figures_after as now using (household)
    where was.what = 'route' and now.what = 'route'
),
rerouted as materialized (
    select household, case when line_differs then 'infinity' else '-infinity' end::date as month
    from routes
    where line_differs or area_differs
),
last_month as (
    select greatest(%(before_month)s::date, %(after_month)s::date) as month
),
by_route as (
    select household, rerouted.month, 'household' as cause, position
    from rerouted
    join own_facts using (household)
    cross join last_month
    where since <= last_month.month and own_facts.attributes && array['standing', 'programme', 'area']
    union
    select household, rerouted.month, 'area', position
    from rerouted
    join (select household, month, stood_in from seats_before
          union
          select household, month, stood_in from seats_after) as stood using (household)
    join codes_between on codes_between.month = stood.month and codes_between.stood_in = stood.stood_in
    cross join last_month
    where since <= last_month.month
    union
    select household, rerouted.month, 'list', position
    from rerouted
    join listed_between on listed_between.subject = rerouted.household
    where not exists (
        select from seats_before
        where seats_before.household = rerouted.household and seats_before.until > %(before_month)s::date)
       or not exists (
        select from seats_after
        where seats_after.household = rerouted.household and seats_after.until > %(after_month)s::date)
    union
    select differing.household, '-infinity', 'household', position
    from differing
    join own_facts using (household)
    cross join last_month
    where differing.month = '-infinity' and payee_before is distinct from payee_after
      and since <= last_month.month and own_facts.attributes && array['standing', 'head', 'payee']
)

-- name: before_scope
was.area >= %(before_area)s::text and was.area < %(before_area)s::text || ':'
and (%(before_programme)s::text is null or was.programme = %(before_programme)s::text
     or split_part(was.programme, '.', 1) = %(before_programme)s::text)

-- name: after_scope
now.area >= %(after_area)s::text and now.area < %(after_area)s::text || ':'
and (%(after_programme)s::text is null or now.programme = %(after_programme)s::text
     or split_part(now.programme, '.', 1) = %(after_programme)s::text)

-- name: of_scope
-- by_scope: the two sides ask for different things; `why` says which of them tells them apart here.
by_scope as (
    select household, head, month, 'month' as why
    from differing
    where month > least(%(before_month)s::date, %(after_month)s::date)
       or (%(before_month)s::date <> %(after_month)s::date
           and (month = '-infinity' or least(fen_before, fen_after) < 0))
    union
    select household, head, differing.month, 'month'
    from differing
    join routes using (household)
    where %(before_month)s::date <> %(after_month)s::date and line_differs
    union
    select household, head, month, 'area'
    from differing
    where not (area_before >= %(after_area)s::text and area_before < %(after_area)s::text || ':')
       or not (area_after >= %(before_area)s::text and area_after < %(before_area)s::text || ':')
    union
    select household, head, month, 'programme'
    from differing
    where (fen_before <> 0 and not (%(after_programme)s::text is null or head = %(after_programme)s::text
                                    or split_part(head, '.', 1) = %(after_programme)s::text))
       or (fen_after <> 0 and not (%(before_programme)s::text is null or head = %(before_programme)s::text
                                   or split_part(head, '.', 1) = %(before_programme)s::text))
)

-- name: causes
-- caused: each difference with each of its causes. What is offset is bounded by the other months of the
-- household: their causes are its causes.
said as materialized (
    select * from by_household
    union select * from by_merger
    union select * from by_standard
    union select * from by_policy
    union select * from by_code
    union select * from by_list
    union select * from by_recovery
    union select * from by_route
    union select * from offset_causes
),
caused as materialized (
    select differing.household, head, differing.month, cause, position, null::text as why
    from differing
    join said on said.household = differing.household and said.month = differing.month
    union
    select differing.household, head, differing.month, cause, position, null
    from differing
    join said on said.household = differing.household and said.month = 'infinity'
    union
    select differing.household, head, differing.month, cause, position, null
    from differing
    join said on said.household = differing.household
    where least(fen_before, fen_after) < 0
    union
    select household, head, month, 'scope', null, why from by_scope
)
