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
