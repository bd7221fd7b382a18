-- Corrections end what they take the place of.
do $$
begin
    if exists (select from superseded) then
        update links set known_to = first.position
        from (select stream, rank, min(position) as position from superseded group by stream, rank) as first
        where links.household = first.stream and links.rank = first.rank and links.known_to is null;
    end if;
end $$;

-- A person's cover repeats what the household's own facts say, so it is no part of its history.
insert into mentions (household, stream, known_from)
select household, stream, position
from (
    select (data ->> 'household')::uuid as household, stream, position
    from batch
    where data ? 'household' and type not in ('assistance.CoverTaken.v1', 'assistance.CoverEnded.v1')
    union all
    select stream, (data ->> 'alert')::uuid, position
    from batch
    where type = 'assistance.ApplicationReceived.v1' and data ? 'alert'
    union all
    select (data ->> 'household')::uuid, (data ->> 'alert')::uuid, position
    from batch
    where type = 'assistance.ReferralMade.v1' and data ? 'alert'
) as named
where household <> stream;

insert into links (household, other, kind, effective, rank, version, known_from, known_to)
select stream, (data ->> kind)::uuid, kind, effective, rank, version, position, superseded_at
from (values
    ('assistance.HouseholdEnrolled.v1', 'came_from'),
    ('assistance.HouseholdEnrolled.v1', 'beside'),
    ('assistance.HouseholdSplit.v1', 'new_household'),
    ('assistance.HouseholdsMerged.v1', 'absorbed'),
    ('assistance.HouseholdExited.v1', 'went_to'),
    ('assistance.ApplicationReceived.v1', 'transfer_from')
) as said (type, kind)
join batch using (type)
where data ? kind;
