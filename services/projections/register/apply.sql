-- Facts to assertions. Every statement takes its types from `batch`; no statement looks at another
-- stream, so that facts of different streams may come in any order.

-- Corrections end what they take the place of.
do $$
declare
    assertions text[][] := array[
        ['facts', 'stream'], ['revocations', 'household'], ['standings', 'household'],
        ['programmes', 'household'], ['areas', 'household'], ['incomes', 'household'],
        ['tiers', 'household'], ['care_forms', 'household'], ['heads', 'household'],
        ['payees', 'household'], ['suspensions', 'household'], ['members', 'household'], ['supplements', 'household'],
        ['self_cares', 'household'], ['graces', 'household'], ['recognitions', 'household'],
        ['standards', 'stream'], ['policies', 'stream'], ['area_grants', 'stream'],
        ['area_replacements', 'stream']];
    assertion text[];
begin
    if not exists (select from superseded) then
        return;
    end if;
    foreach assertion slice 1 in array assertions loop
        execute format(
            'update %1$I as assertion set known_to = first.position
             from (select stream, rank, min(position) as position from superseded group by stream, rank) as first
             where assertion.%2$I = first.stream and assertion.rank = first.rank and assertion.known_to is null',
            assertion[1], assertion[2]);
    end loop;
end $$;

insert into facts (position, stream, version, type, recorded_at, effective, rank, spell, known_to, data)
select position, stream, version, type, recorded_at, effective, rank, spell, superseded_at, data
from batch;

insert into corrections (stream, version, rank)
select stream, version, rank from batch where data ? 'corrects';

-- Superset of the months in which amounts may change; what is revoked or corrected stays in it.
insert into moments (household, month)
select stream, effective
from batch
where effective is not null
  and type in (
    'assistance.HouseholdEnrolled.v1', 'assistance.HouseholdExited.v1', 'assistance.GracePeriodStarted.v1',
    'assistance.ProgrammeChanged.v1', 'assistance.HouseholdMoved.v1', 'assistance.IncomeReassessed.v1',
    'assistance.MemberJoined.v1', 'assistance.MemberLeft.v1', 'assistance.HouseholdSplit.v1',
    'assistance.HouseholdsMerged.v1', 'assistance.TierChanged.v1', 'assistance.CareFormChanged.v1',
    'assistance.PaymentSuspended.v1', 'assistance.PaymentResumed.v1', 'assistance.MemberDied.v1',
    'assistance.MemberCoverStopped.v1', 'assistance.MemberCoverRestored.v1',
    'assistance.SupplementAssigned.v1', 'assistance.SupplementWithdrawn.v1',
    'assistance.SelfCareAssessed.v1', 'assistance.HeadChanged.v1')
union all
select stream, ((data ->> 'until') || '-01')::date + interval '1 month'
from batch
where type = 'assistance.GracePeriodStarted.v1';

-- What was kept of a household no longer holds once something changes.
insert into changed_households (household)
select distinct stream
from batch
where (spell is not null and type not in ('assistance.CoverTaken.v1', 'assistance.CoverEnded.v1'))
   or type in ('assistance.ExitRevoked.v1', 'assistance.EnrolmentRevoked.v1')
on conflict do nothing;

delete from intervals using changed_households as changed where intervals.household = changed.household;

delete from kept_households as kept using changed_households as changed
where kept.household = changed.household;

-- An enrolment sets every attribute anew.
with enrolled as materialized (
    select stream as household, spell, effective, rank, version, position as known_from,
           superseded_at as known_to, data
    from batch where type = 'assistance.HouseholdEnrolled.v1'
),
standing as (
    insert into standings (household, spell, effective, rank, on_roll, single_person, version, known_from, known_to)
    select household, spell, effective, rank, true, coalesce((data ->> 'single_person')::boolean, false),
           version, known_from, known_to
    from enrolled
),
programme as (
    insert into programmes (household, spell, effective, rank, programme, version, known_from, known_to)
    select household, spell, effective, rank, data ->> 'programme', version, known_from, known_to from enrolled
),
area as (
    insert into areas (household, spell, effective, rank, area, version, known_from, known_to)
    select household, spell, effective, rank, data ->> 'area', version, known_from, known_to from enrolled
),
income as (
    insert into incomes (household, spell, effective, rank, income_fen, reassessed, version, known_from, known_to)
    select household, spell, effective, rank, (data ->> 'income_fen')::bigint, false, version, known_from, known_to
    from enrolled
),
tier as (
    insert into tiers (household, spell, effective, rank, tier, version, known_from, known_to)
    select household, spell, effective, rank, data ->> 'tier', version, known_from, known_to
    from enrolled where data ? 'tier'
)
insert into care_forms (household, spell, effective, rank, care_form, version, known_from, known_to)
select household, spell, effective, rank, data ->> 'care_form', version, known_from, known_to
from enrolled where data ? 'care_form';

-- Members as they come: enrolled, joined, or merged in.
with came as materialized (
    select stream as household, spell, effective, rank, version, position as known_from,
           superseded_at as known_to, type, member
    from batch
    cross join lateral jsonb_array_elements(
        case when type = 'assistance.MemberJoined.v1' then jsonb_build_array(data -> 'member')
             else data -> 'members' end) as member
    where type in (
        'assistance.HouseholdEnrolled.v1', 'assistance.MemberJoined.v1', 'assistance.HouseholdsMerged.v1')
),
member as (
    insert into members
        (household, spell, person, effective, rank, present, covered, role, version, known_from, known_to)
    select household, spell, (member ->> 'person')::uuid, effective, rank, true,
           coalesce((member ->> 'covered')::boolean, true), member ->> 'role', version, known_from, known_to
    from came
),
head as (
    insert into heads (household, spell, effective, rank, person, version, known_from, known_to)
    select household, spell, effective, rank, (member ->> 'person')::uuid, version, known_from, known_to
    from came
    where type = 'assistance.HouseholdEnrolled.v1' and member ->> 'role' = 'head'
),
supplement as (
    insert into supplements
        (household, spell, person, supplement, effective, rank, assigned, version, known_from, known_to)
    select household, spell, (member ->> 'person')::uuid, supplement, effective, rank, true, version,
           known_from, known_to
    from came
    cross join lateral jsonb_array_elements_text(member -> 'supplements') as supplement
    where member ? 'supplements'
)
insert into self_cares (household, spell, person, self_care, effective, rank, version, known_from, known_to)
select household, spell, (member ->> 'person')::uuid, member ->> 'self_care', effective, rank, version,
       known_from, known_to
from came
where member ? 'self_care';

-- What happens to a member.
insert into members
    (household, spell, person, effective, rank, present, covered, died, version, known_from, known_to)
select stream, spell, (data ->> 'person')::uuid, effective, rank,
       case when type = 'assistance.MemberLeft.v1' then false end,
       case when type <> 'assistance.MemberLeft.v1' then type = 'assistance.MemberCoverRestored.v1' end,
       type = 'assistance.MemberDied.v1', version, position, superseded_at
from batch
where type in (
    'assistance.MemberLeft.v1', 'assistance.MemberDied.v1', 'assistance.MemberCoverStopped.v1',
    'assistance.MemberCoverRestored.v1');

insert into members (household, spell, person, effective, rank, present, version, known_from, known_to)
select stream, spell, (member ->> 'person')::uuid, effective, rank, false, version, position, superseded_at
from batch
cross join lateral jsonb_array_elements(data -> 'members') as member
where type = 'assistance.HouseholdSplit.v1';

insert into supplements
    (household, spell, person, supplement, effective, rank, assigned, version, known_from, known_to)
select stream, spell, (data ->> 'person')::uuid, data ->> 'supplement', effective, rank,
       type = 'assistance.SupplementAssigned.v1', version, position, superseded_at
from batch
where type in ('assistance.SupplementAssigned.v1', 'assistance.SupplementWithdrawn.v1');

insert into self_cares (household, spell, person, self_care, effective, rank, version, known_from, known_to)
select stream, spell, (data ->> 'person')::uuid, data ->> 'self_care', effective, rank, version, position,
       superseded_at
from batch
where type = 'assistance.SelfCareAssessed.v1';

-- What happens to a household.
insert into standings (household, spell, effective, rank, on_roll, reason, version, known_from, known_to)
select stream, spell, effective, rank, false, data ->> 'reason', version, position, superseded_at
from batch
where type = 'assistance.HouseholdExited.v1';

insert into standings (household, spell, effective, rank, on_roll, reason, version, known_from, known_to)
select stream, spell, ((data ->> 'until') || '-01')::date + interval '1 month', rank, false, 'grace_ended',
       version, position, superseded_at
from batch
where type = 'assistance.GracePeriodStarted.v1';

insert into graces
    (household, spell, person, effective, until, rank, deferred_rank, version, known_from, known_to)
select started.stream, started.spell, (started.data ->> 'person')::uuid, started.effective,
       ((started.data ->> 'until') || '-01')::date, started.rank, coalesce(corrections.rank, deferred.version),
       started.version, started.position, started.superseded_at
from batch as started
cross join lateral (select split_part(started.data ->> 'defers', ':', 2)::int as version) as deferred
left join corrections on corrections.stream = started.stream and corrections.version = deferred.version
where started.type = 'assistance.GracePeriodStarted.v1';

insert into revocations (household, revoked_rank, rank, version, known_from, known_to)
select revoked.stream, coalesce(corrections.rank, exit.version), revoked.rank, revoked.version,
       revoked.position, revoked.superseded_at
from batch as revoked
cross join lateral (select split_part(revoked.data ->> 'exit', ':', 2)::int as version) as exit
left join corrections on corrections.stream = revoked.stream and corrections.version = exit.version
where revoked.type = 'assistance.ExitRevoked.v1';

insert into revocations (household, revoked_spell, rank, version, known_from, known_to)
select stream, spell, rank, version, position, superseded_at
from batch
where type = 'assistance.EnrolmentRevoked.v1';

insert into programmes (household, spell, effective, rank, programme, version, known_from, known_to)
select stream, spell, effective, rank, data ->> 'programme', version, position, superseded_at
from batch
where type = 'assistance.ProgrammeChanged.v1';

insert into tiers (household, spell, effective, rank, tier, version, known_from, known_to)
select stream, spell, effective, rank, data ->> 'tier', version, position, superseded_at
from batch
where type in ('assistance.TierChanged.v1', 'assistance.ProgrammeChanged.v1');

insert into areas (household, spell, effective, rank, area, version, known_from, known_to)
select stream, spell, effective, rank, data ->> 'area', version, position, superseded_at
from batch
where type = 'assistance.HouseholdMoved.v1';

insert into incomes (household, spell, effective, rank, income_fen, reassessed, version, known_from, known_to)
select stream, spell, effective, rank, (data ->> 'income_fen')::bigint,
       type = 'assistance.IncomeReassessed.v1', version, position, superseded_at
from batch
where type in (
    'assistance.IncomeReassessed.v1', 'assistance.MemberJoined.v1', 'assistance.MemberLeft.v1',
    'assistance.HouseholdSplit.v1', 'assistance.HouseholdsMerged.v1');

insert into care_forms (household, spell, effective, rank, care_form, version, known_from, known_to)
select stream, spell, effective, rank, data ->> 'care_form', version, position, superseded_at
from batch
where type = 'assistance.CareFormChanged.v1';

insert into heads (household, spell, effective, rank, person, version, known_from, known_to)
select stream, spell, effective, rank, (data ->> 'person')::uuid, version, position, superseded_at
from batch
where type = 'assistance.HeadChanged.v1';

insert into payees (household, effective, rank, person, version, known_from, known_to)
select stream, effective, rank, (data ->> 'person')::uuid, version, position, superseded_at
from batch
where type = 'assistance.PayeeDesignated.v1';

insert into suspensions (household, spell, effective, rank, suspended, reason, version, known_from, known_to)
select stream, spell, effective, rank, type = 'assistance.PaymentSuspended.v1', data ->> 'reason', version,
       position, superseded_at
from batch
where type in ('assistance.PaymentSuspended.v1', 'assistance.PaymentResumed.v1');

insert into recognitions
    (household, recognition, effective, rank, in_force, until, area, persons, income_fen, spending_fen,
     version, known_from, known_to)
select stream, data ->> 'recognition', effective, rank, type = 'assistance.RecognitionRecorded.v1',
       ((data ->> 'until') || '-01')::date, data ->> 'area',
       (select array_agg(person::uuid) from jsonb_array_elements_text(data -> 'persons') as person),
       (data ->> 'income_fen')::bigint, (data ->> 'spending_fen')::bigint, version, position, superseded_at
from batch
where type in ('assistance.RecognitionRecorded.v1', 'assistance.RecognitionEnded.v1');

-- What happens to an area.
insert into standards
    (stream, area, programme, kind, effective, rank, in_force, period, mode, amount_fen, tiers, by_care_form,
     care, version, known_from, known_to)
select stream, data ->> 'area', data ->> 'programme', coalesce(data ->> 'kind', 'standard'), effective, rank,
       type = 'assistance.StandardAdopted.v1', data ->> 'period', data ->> 'mode',
       (data ->> 'amount_fen')::bigint, data -> 'tiers', data -> 'by_care_form', data -> 'care', version,
       position, superseded_at
from batch
where type in ('assistance.StandardAdopted.v1', 'assistance.StandardEnded.v1');

insert into policies
    (stream, area, setting, effective, rank, in_force, value, version, known_from, known_to)
select stream, data ->> 'area', data ->> 'setting', effective, rank, type = 'assistance.PolicyAdopted.v1',
       data -> 'value', version, position, superseded_at
from batch
where type in ('assistance.PolicyAdopted.v1', 'assistance.PolicyEnded.v1');

insert into area_grants
    (stream, area, effective, rank, head, rolls, per, amount_fen, version, known_from, known_to)
select stream, data ->> 'area', effective, rank, data ->> 'head',
       array(select jsonb_array_elements_text(data -> 'rolls')), data ->> 'per',
       (data ->> 'amount_fen')::bigint, version, position, superseded_at
from batch
where type = 'assistance.AreaGrantAdopted.v1';

insert into area_replacements (stream, area, successor, effective, rank, version, known_from, known_to)
select stream, data ->> 'area', data ->> 'successor', effective, rank, version, position, superseded_at
from batch
where type = 'assistance.AreaReplaced.v1';
