-- The register: what each fact asserts, and since and until which position it was known.
--
-- Every table of assertions has
--   effective    the first month of the new state, as its first day
--   rank         the version of the first fact of the correction chain
--   ordinal      (effective, rank) as one number: the order in which assertions take effect
--   version      the fact that asserts it; its id is <household or stream>:<version>
--   known_from   the position of that fact
--   known_to     the position of the correction that took its place; null while it stands
-- Who reads takes the rows known at a position P, known_from <= P < known_to, leaves out what is revoked
-- as known at P (revocations), and lets the greatest ordinal up to a month win. So any month can be
-- asked as known at any position, and facts of different streams may be applied in any order.

-- Every fact, as the feed gave it: the base of histories and leads, and of what was known when.
create table facts (
    position bigint not null,
    stream uuid not null,
    version int not null,
    type text collate "C" not null,
    recorded_at timestamptz not null,
    effective date,
    rank int not null,
    spell int,
    known_to bigint,
    data jsonb not null
);

-- Which chain a correction belongs to: a fact's id may name any link of it.
create table corrections (
    stream uuid not null,
    version int not null,
    rank int not null
);

-- Exits (or grace periods) by rank, and whole spells, that are left out. A revocation can itself be
-- corrected, which is why it is an assertion and not a known_to.
create table revocations (
    household uuid not null,
    revoked_rank int,
    revoked_spell int,
    rank int not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

-- Months in which anything changes for a household, corrected and revoked changes included: amounts
-- are computed once for the months between two of these.
create table moments (
    household uuid not null,
    month date not null
);

-- Entering and leaving a basic roll; a grace period brings its derived end.
create table standings (
    household uuid not null,
    spell int not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    on_roll boolean not null,
    single_person boolean,
    reason text,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

create table programmes (
    household uuid not null,
    spell int not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    programme text collate "C" not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

create table areas (
    household uuid not null,
    spell int not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    area text collate "C" not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

-- Counted income in fen a month; `reassessed` marks those that a grace period may defer.
create table incomes (
    household uuid not null,
    spell int not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    income_fen bigint not null,
    reassessed boolean not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

create table tiers (
    household uuid not null,
    spell int not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    tier text collate "C",
    version int not null,
    known_from bigint not null,
    known_to bigint
);

create table care_forms (
    household uuid not null,
    spell int not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    care_form text collate "C",
    version int not null,
    known_from bigint not null,
    known_to bigint
);

create table heads (
    household uuid not null,
    spell int not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    person uuid not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

-- Whose account is paid, not bound by a spell.
create table payees (
    household uuid not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    person uuid not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

create table suspensions (
    household uuid not null,
    spell int not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    suspended boolean not null,
    reason text,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

-- What is said of a member: `present` in the household or not, `covered` or not, null where the fact
-- says nothing of it. Who joins (or is enrolled) is present, with all attributes anew.
create table members (
    household uuid not null,
    spell int not null,
    person uuid not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    present boolean,
    covered boolean,
    died boolean not null default false,
    role text,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

create table supplements (
    household uuid not null,
    spell int not null,
    person uuid not null,
    supplement text collate "C" not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    assigned boolean not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

create table self_cares (
    household uuid not null,
    spell int not null,
    person uuid not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    self_care text collate "C" not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

-- Payment goes on from `effective` up to and with `until`; the reassessment of `deferred_rank` waits.
create table graces (
    household uuid not null,
    spell int not null,
    person uuid not null,
    effective date not null,
    until date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    deferred_rank int,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

-- Specialised aid without monthly cash, not bound by a spell; `until` null: by policy.
create table recognitions (
    household uuid not null,
    recognition text collate "C" not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    in_force boolean not null,
    until date,
    area text collate "C",
    persons uuid[],
    income_fen bigint,
    spending_fen bigint,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

-- What a place guarantees, per `period`; in_force false: its own standard ended, the wider area's holds.
create table standards (
    stream uuid not null,
    area text collate "C" not null,
    programme text collate "C" not null,
    kind text not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    in_force boolean not null,
    period text,
    mode text,
    amount_fen bigint,
    tiers jsonb,
    by_care_form jsonb,
    care jsonb,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

create table policies (
    stream uuid not null,
    area text collate "C" not null,
    setting text collate "C" not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    in_force boolean not null,
    value jsonb,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

-- The value of each setting where no place adopted one; null: the rule is silent.
create table policy_defaults (
    setting text collate "C" not null,
    value jsonb
);

insert into policy_defaults (setting, value)
select setting.key, nullif(setting.value -> 'default', 'null')
from jsonb_each(current_setting('projections.policy_settings')::jsonb -> 'settings') as setting;

-- An amount for everyone on the given rolls in one month; never part of dibao totals.
create table area_grants (
    stream uuid not null,
    area text collate "C" not null,
    effective date not null,
    rank int not null,
    head text not null,
    rolls text[] not null,
    per text not null,
    amount_fen bigint not null,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

create table area_replacements (
    stream uuid not null,
    area text collate "C" not null,
    successor text collate "C" not null,
    effective date not null,
    rank int not null,
    ordinal bigint generated always as ((effective - date '1900-01-01')::bigint * 2147483648 + rank) stored,
    version int not null,
    known_from bigint not null,
    known_to bigint
);

-- A cache: what holds for a household from `month` up to but without `until`, everything that amounts
-- depend on but money and the codes of areas. It is kept for households that did not change since; a
-- change takes it away, and the runner makes it again when no facts wait.
create table intervals (
    household uuid not null,
    month date not null,
    until date not null,
    spell int not null,
    single_person boolean,
    programme text collate "C" not null,
    area text collate "C" not null,
    income_fen bigint,
    tier text collate "C",
    care_form text collate "C",
    suspended boolean not null,
    in_grace boolean not null,
    head uuid,
    members bigint not null,
    covered bigint not null,
    covered_persons uuid[],
    classes jsonb,
    self_cares jsonb
);

-- The households whose intervals are kept, and the position from which on they hold.
create table kept_households (
    household uuid not null,
    known_from bigint not null
);

create table changed_households (
    household uuid primary key
);
