-- What leads stand on. Each lead is a `select` of its own over these sets, named by its code, and returns
--   facts      the ids of the facts that raise it, at least one
--   household, person, area
--   month      the month that it is about, as its first day, or null
--   day        the day that it dates from
--   figures    what its reason tells, by name
-- A set that a lead does not mention costs nothing but its planning.

-- name: ground
with recursive {{register.subjects_in_area}},
{{totals.amounts_of_spans}},
{{register.homes}},
{{help_first.granted}},
asked_settings as (
    {{help_first.asked_of_grants}}
    union
    select area, %(last)s::date from homes
),
{{register.settled}},
{{calendar.calendar}},
{{help_first.helped}},
{{alerts.raised_alerts}},
{{recognised}},
{{decisions}},
{{reductions}},
{{procedure}},
{{lacks}}

-- name: rows
select code, facts, household, person, area, month, day, figures, key
from (
    select %(code)s as code, raised.facts, raised.household, raised.person, raised.area, raised.month,
           raised.day, raised.figures,
           concat_ws('|', raised.area, raised.day, raised.household, raised.person, raised.facts[1],
                     raised.month, md5(raised.figures::text)) collate "C" as key
    from ([lead]) as raised
    where {{asked}}
) as keyed
where %(after)s::text is null or key > %(after)s::text
order by key
limit %(limit)s::bigint

-- name: count
select %(code)s as code, count(*) as leads from ([lead]) as raised where {{asked}}

-- name: asked
(%(within)s::text is null or (raised.area >= %(within)s::text and raised.area < %(within)s::text || ':'))
      and (%(since)s::date is null or raised.day >= %(since)s::date)

-- name: recognised
-- recognised: recognitions in force in the month, a row a person.
recognised as materialized (
    select household, recognition, person, effective, fact
    from (
        select distinct on (household, recognition)
               household, recognition, persons, in_force, until, effective, household || ':' || version as fact
        from recognitions
        where {{register.known}} and effective <= %(last)s
        order by household, recognition, ordinal desc
    ) as latest
    cross join lateral unnest(persons) as person
    where in_force and (until is null or until >= %(last)s)
)

-- name: decisions
-- decisions: enrolments and exits that stand, a grace period as the exit that it brings.
void_spells as materialized (
    select household, revoked_spell as spell
    from revocations
    where {{register.known}} and revoked_spell is not null
),
void_exits as materialized (
    select household, revoked_rank as rank
    from revocations
    where {{register.known}} and revoked_rank is not null
),
decisions as materialized (
    select stream as household, spell, rank, version, stream || ':' || version as fact,
           type = 'assistance.HouseholdEnrolled.v1' as enrols,
           case when type = 'assistance.GracePeriodStarted.v1'
                then (((data ->> 'until') || '-01')::date + interval '1 month')::date
                else effective end as month,
           (data ->> 'decided_on')::date as decided_on, recorded_at,
           case when type = 'assistance.GracePeriodStarted.v1' then 'grace_ended'
                else data ->> 'reason' end as reason,
           coalesce((data ->> 'migrated')::boolean, false) as migrated,
           (data ->> 'signed_request_on')::date as signed_request_on, data ->> 'legal_basis' as legal_basis,
           data ->> 'verification' as verification, (data ->> 'came_from')::uuid as came_from,
           max(case when type <> 'assistance.HouseholdEnrolled.v1' then rank end) over (
               partition by stream order by rank rows between unbounded preceding and 1 preceding) as left_at
    from facts
    where type in ('assistance.HouseholdEnrolled.v1', 'assistance.HouseholdExited.v1',
                   'assistance.GracePeriodStarted.v1')
      and {{register.said_by_day}}
      and not exists (
        select from void_spells where void_spells.household = facts.stream and void_spells.spell = facts.spell)
      and not exists (
        select from void_exits where void_exits.household = facts.stream and void_exits.rank = facts.rank)
)

-- name: reductions
-- reductions: decisions that take something from a household that stays on the roll (Law 48). `earlier` is
-- the rank of the last decision of the same type before it: a hearing serves one decision.
raises as (
    select household, version, income_fen,
           lag(income_fen) over (partition by household, spell order by ordinal) as before_fen
    from incomes
    where {{register.known}}
),
tier_turns as (
    select household, version, tier,
           lag(tier) over (partition by household, spell order by ordinal) as before
    from tiers
    where {{register.known}}
),
covers as (
    select household, version, person, present, covered,
           max(case when covered is not null then ordinal * 2 + covered::int end) over (
               partition by household, spell, person order by ordinal
               rows between unbounded preceding and 1 preceding) %% 2 = 1 as was_covered
    from members
    where {{register.known}}
),
worsened as (
    select raises.household, raises.version, 'higher_income' as reduction,
           jsonb_build_object('before_fen', before_fen, 'after_fen', income_fen) as change
    from raises
    where income_fen > before_fen
    union all
    select tier_turns.household, tier_turns.version, 'lower_tier',
           jsonb_build_object('before', before, 'after', tier)
    from tier_turns
    join homes on homes.stream = household
    join lateral (
        select tiers
        from standards
        where {{register.known}} and in_force and kind = 'standard'
          and area = any (array[left(homes.area, 12), left(homes.area, 9), left(homes.area, 6),
                                left(homes.area, 4), left(homes.area, 2)])
          and tiers ? tier_turns.tier and tiers ? before
        order by length(area) desc, ordinal desc
        limit 1
    ) as rates on true
    where tier is not null and before is not null and tier <> before
      and (rates.tiers ->> tier)::bigint < (rates.tiers ->> before)::bigint
    union all
    select household, version, 'member_lost', jsonb_build_object('person', person)
    from covers
    where was_covered and (present is false or covered is false)
),
dated as (
    select stream, version, rank, spell, type, effective, (data ->> 'decided_on')::date as decided_on,
           coalesce((data ->> 'migrated')::boolean, false) as migrated,
           case type when 'assistance.SupplementWithdrawn.v1' then 'supplement_lost'
                     when 'assistance.PaymentSuspended.v1' then 'suspension' end as always,
           data ->> 'supplement' as supplement, data ->> 'reason' as reason,
           lag(rank) over (partition by stream, spell, type order by rank) as earlier
    from facts
    where type in ('assistance.IncomeReassessed.v1', 'assistance.TierChanged.v1', 'assistance.MemberLeft.v1',
                   'assistance.MemberCoverStopped.v1', 'assistance.SupplementWithdrawn.v1',
                   'assistance.PaymentSuspended.v1')
      and {{register.said_by_day}}
      and not exists (
        select from void_spells where void_spells.household = facts.stream and void_spells.spell = facts.spell)
      and not exists (
        select from graces
        where graces.household = facts.stream and graces.deferred_rank = facts.rank and {{register.known}})
),
reductions as materialized (
    select stream as household, spell, dated.rank, dated.version, stream || ':' || dated.version as fact,
           coalesce(always, reduction) as reduction, effective as month, decided_on, migrated, earlier,
           coalesce(change, jsonb_strip_nulls(
               jsonb_build_object('supplement', supplement, 'reason', reason))) as change
    from dated
    left join worsened on worsened.household = stream and worsened.version = dated.version
    where always is not null or reduction is not null
)

-- name: procedure
-- What was done for a decision: checked, heard, notified, published.
checks as materialized (
    select stream, version, (data ->> 'decided_on')::date as checked_on,
           coalesce((data ->> 'assets_within_limits')::boolean, true) as within_limits,
           stream || ':' || version as fact
    from facts
    where type = 'assistance.MeansVerified.v1' and {{register.said_by_day}}
),
hearings as materialized (
    select stream, spell, version, (data ->> 'decided_on')::date as heard_on, intended
    from facts
    cross join lateral jsonb_array_elements_text(data -> 'intended') as intended
    where type = 'assistance.OpinionHeard.v1' and {{register.said_by_day}}
),
named as (
    select stream, spell, type, (data ->> 'decided_on')::date as done_on,
           split_part(data ->> 'decision', ':', 1) as decision_stream,
           nullif(split_part(data ->> 'decision', ':', 2), '')::int as decision_version
    from facts
    where type in ('assistance.NoticeServed.v1', 'assistance.DecisionPublished.v1') and {{register.said_by_day}}
),
served as materialized (
    select named.stream, named.spell, named.type, named.done_on, decision_version is null as unnamed,
           coalesce(corrections.rank, decision_version) as rank
    from named
    left join corrections on corrections.stream = named.stream and corrections.version = decision_version
    where decision_stream is null or decision_stream = named.stream::text
)

-- name: lacks
-- lacks: what the procedure of a decision lacks. Of migrated decisions it is told once a household.
lacks as (
    select 'exit_unheard' as lack, household, null::uuid as person, fact, month, decided_on, migrated,
           jsonb_build_object('month', to_char(month, 'YYYY-MM'), 'reason', reason, 'decided_on', decided_on)
               as figures
    from decisions
    where not enrols and reason not in ('death', 'merged')
      and not (reason = 'voluntary' and signed_request_on is not null and signed_request_on <= decided_on)
      and not exists (
        select from hearings
        where hearings.stream = decisions.household and hearings.spell = decisions.spell
          and intended = 'exit' and heard_on <= decided_on)
    union all
    select 'reduction_unheard', household, (change ->> 'person')::uuid, fact, month, decided_on, migrated,
           jsonb_build_object('month', to_char(month, 'YYYY-MM'), 'reduction', reduction,
                              'decided_on', decided_on) || change
    from reductions
    where not exists (
        select from hearings
        where hearings.stream = reductions.household and hearings.spell = reductions.spell
          and intended in (reduction, 'exit') and heard_on <= decided_on
          and hearings.version > coalesce(earlier, 0))
    union all
    select 'exit_not_notified', household, null, fact, month, decided_on, migrated,
           jsonb_build_object('month', to_char(month, 'YYYY-MM'), 'reason', reason, 'decided_on', decided_on,
                              'days', %(on)s::date - decided_on)
    from decisions
    where not enrols and reason not in ('death', 'merged') and decided_on + %(notice_days)s <= %(on)s::date
      and not exists (
        select from served
        where served.type = 'assistance.NoticeServed.v1' and served.stream = decisions.household
          and served.rank = decisions.rank)
    union all
    select 'reduction_not_notified', household, (change ->> 'person')::uuid, fact, month, decided_on, migrated,
           jsonb_build_object('month', to_char(month, 'YYYY-MM'), 'reduction', reduction,
                              'decided_on', decided_on, 'days', %(on)s::date - decided_on)
    from reductions
    where decided_on + %(notice_days)s <= %(on)s::date
      and not exists (
        select from served
        where served.type = 'assistance.NoticeServed.v1' and served.stream = reductions.household
          and served.rank = reductions.rank)
    union all
    select case when enrols then 'enrolment_not_published' else 'exit_not_published' end, household, null,
           fact, month, decided_on, migrated,
           jsonb_strip_nulls(jsonb_build_object(
               'month', to_char(month, 'YYYY-MM'), 'reason', reason, 'decided_on', decided_on,
               'days', %(on)s::date - decided_on))
    from decisions
    where decided_on + %(publish_days)s <= %(on)s::date and coalesce(reason, '') not in ('death', 'merged')
      and not exists (
        select from served
        where served.type = 'assistance.DecisionPublished.v1' and served.stream = decisions.household
          and (served.rank = decisions.rank
               or (unnamed and served.done_on >= decisions.decided_on
                   and coalesce(served.spell, decisions.spell) = decisions.spell)))
    union all
    select case when first_check_on is null then 'enrolled_unchecked' else 'checked_late' end, household, null,
           fact, month, decided_on, migrated,
           jsonb_strip_nulls(jsonb_build_object(
               'month', to_char(month, 'YYYY-MM'), 'decided_on', decided_on, 'checked_on', first_check_on,
               'days', first_check_on - decided_on))
    from (
        select decisions.*, min(own.checked_on) over (partition by decisions.fact) as first_check_on,
               row_number() over (partition by decisions.fact) as copy
        from decisions
        left join checks as own on own.stream = decisions.household and own.version > coalesce(left_at, 0)
        where enrols
    ) as entered
    where copy = 1 and (first_check_on is null or first_check_on > decided_on)
      and not exists (
        select from checks where checks.fact = verification and checks.checked_on <= decided_on)
      and not exists (
        select from facts as splits
        where splits.type = 'assistance.HouseholdSplit.v1' and splits.stream = came_from)
    union all
    select 'full care unassessed', stream, (member ->> 'person')::uuid, stream || ':' || version, effective,
           (data ->> 'decided_on')::date, true, '{}'
    from facts
    cross join lateral jsonb_array_elements(
        case when type = 'assistance.MemberJoined.v1' then jsonb_build_array(data -> 'member')
             else data -> 'members' end) as member
    where type in ('assistance.HouseholdEnrolled.v1', 'assistance.MemberJoined.v1') and {{register.said_by_day}}
      and (data ->> 'migrated')::boolean and member ->> 'self_care' = 'unable'
      and not exists (
        select from void_spells where void_spells.household = facts.stream and void_spells.spell = facts.spell)
      and not exists (
        select from facts as assessed
        where assessed.type = 'assistance.SelfCareAssessed.v1' and assessed.stream = facts.stream
          and assessed.data ->> 'person' = member ->> 'person' and {{register.said_by_day}})
)
