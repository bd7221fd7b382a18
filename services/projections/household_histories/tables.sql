-- Which streams a household's history takes in, beside its own.

-- Streams of alerts, referrals, reports and grants that name the household, since which position. A
-- correction that names another household leaves the stream in the history: the fact was there.
create table mentions (
    household uuid not null,
    stream uuid not null,
    known_from bigint not null
);

-- Households that come from, go into or stand beside one another; `kind` is the field that says so.
create table links (
    household uuid not null,
    other uuid not null,
    kind text collate "C" not null,
    effective date,
    rank int not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

-- The household's facts and those of the streams that name it, in the order in which they were recorded.
-- A function, because its plan suits every household and is made once a connection: planning would cost
-- as much as reading.
create function history_of(household uuid, known_at bigint)
returns table (
    "position" bigint, stream text, version int, type text, recorded_at timestamptz, rank int,
    known_to bigint, data text)
language plpgsql stable
set plan_cache_mode = force_generic_plan
as $$
begin
    return query
    select facts.position, facts.stream::text, facts.version, facts.type, facts.recorded_at,
           facts.rank, facts.known_to, facts.data::text
    from facts
    where facts.stream = any (array_append(
            array(select distinct mentions.stream from mentions
                  where mentions.household = history_of.household and mentions.known_from <= history_of.known_at),
            history_of.household))
      and facts.position <= history_of.known_at
    order by facts.position;
end $$;
