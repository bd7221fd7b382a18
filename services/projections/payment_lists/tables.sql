-- What was ordered to be paid, what became of it, and what is being got back. Lines come from documents,
-- which never change; what holds of a list is known from and to a position, as everywhere.

create table lists (
    list uuid not null,
    kind text collate "C" not null,
    area text collate "C" not null,
    programme text collate "C",
    month date not null,
    computed_at bigint not null,
    lists_version int not null,
    calculation int not null,
    document text collate "C" not null,
    lines bigint not null,
    total_fen bigint not null,
    reissues uuid,
    area_grant text collate "C",
    actor text not null,
    decided_on date not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);
comment on column lists.known_to is 'The position at which the list was rejected or cancelled.';

-- approved, rejected, cancelled, sent.
create table acts (
    list uuid not null,
    act text collate "C" not null,
    actor text not null,
    decided_on date not null,
    detail text,
    recorded_at timestamptz not null,
    version int not null,
    known_from bigint not null
);

-- `subject` is the household, or the grant where the list is of grants.
create table lines (
    list uuid not null,
    ordinal int not null,
    subject uuid not null,
    household uuid,
    head text collate "C" not null,
    area text collate "C" not null,
    payee uuid,
    amount_fen bigint not null,
    reference_id uuid not null,
    reissues uuid,
    known_from bigint not null
);

-- What a line is made of, while its list counts. `nets` marks what later lists take into account: a
-- re-issued line orders nothing new.
create table parts (
    list uuid not null,
    subject uuid not null,
    head text collate "C" not null,
    area text collate "C" not null,
    month date not null,
    fen bigint not null,
    kind text collate "C" not null,
    area_grant text collate "C",
    reference_id uuid not null,
    known_from bigint not null,
    known_to bigint
);

-- What payment systems reported of a line; `known_to` is the position of the next report on it.
create table results (
    list uuid not null,
    reference_id uuid not null,
    status text collate "C" not null,
    reason text collate "C",
    amount_fen bigint not null,
    reported_at timestamptz,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

create table closures (
    list uuid not null,
    reference_id uuid not null,
    amount_fen bigint not null,
    reason text collate "C" not null,
    note text,
    version int not null,
    known_from bigint not null
);

create table recoveries (
    recovery uuid not null,
    household uuid not null,
    ground text collate "C" not null,
    legal_basis text not null,
    actor text not null,
    decided_on date not null,
    rank int not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

create table recovery_parts (
    recovery uuid not null,
    household uuid not null,
    month date not null,
    fen bigint not null,
    rank int not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

-- What came back (received) or was given up (waived).
create table receipts (
    recovery uuid not null,
    waived boolean not null,
    fen bigint not null,
    decided_on date not null,
    rank int not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

-- What the projections computed themselves, once they had come to a list's position.
create table verifications (
    list uuid not null,
    document text collate "C" not null,
    agrees boolean not null
);
