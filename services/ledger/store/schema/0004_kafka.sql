-- What goes out to Kafka and what comes in from it: how far the relay is, who may send what, what was taken
-- in, what became of it, and what could not be read.
set local role ledger_owner;

create table ledger.relay_checkpoints (
    tail text not null collate "C" check (tail in ('facts', 'outcomes', 'dead_letters')),
    position bigint not null check (position >= 0),
    constraint relay_checkpoints_tail primary key (tail)
);
comment on table ledger.relay_checkpoints is
    'Up to which position each tail is on its topic for certain: what comes after may be there too.';
insert into ledger.relay_checkpoints values ('facts', 0), ('outcomes', 0), ('dead_letters', 0);

-- A checkpoint never goes back: a relay that was left behind cannot undo what its successor noted.
create function ledger.note_relayed(given_tails text[], given_positions bigint[]) returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
    update ledger.relay_checkpoints c set position = given.position
    from unnest(given_tails, given_positions) as given (tail, position)
    where given.tail = c.tail and given.position > c.position
$$;

-- Who may send what. Reference data: a file of them enters whole.
create table ledger.senders (
    sender text not null collate "C" check (sender <> ''),
    kind text not null collate "C" check (kind in ('command', 'signal')),
    name text not null collate "C" check (name <> ''),
    area text not null collate "C" check (area ~ '^[0-9]{0,12}$'),
    constraint senders_right primary key (sender, kind, name, area)
);
comment on table ledger.senders is
    'Which service may send which command or signal (* for each) for the areas with a prefix (none: all).';

create function ledger.load_senders(senders text[], kinds text[], names text[], areas text[]) returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    loaded bigint;
begin
    lock table ledger.senders in exclusive mode;
    delete from ledger.senders;
    insert into ledger.senders select distinct * from unnest(senders, kinds, names, areas);
    get diagnostics loaded = row_count;
    return loaded;
end $$;

create table ledger.consumed_offsets (
    topic text not null collate "C",
    partition int not null,
    next_offset bigint not null,
    constraint consumed_offsets_partition primary key (topic, partition)
);
comment on table ledger.consumed_offsets is
    'Where each partition goes on: moved in the transaction of what its messages led to.';

create table ledger.outcomes (
    position bigint not null,
    source text not null collate "C",
    message_id text not null collate "C",
    outcome text not null collate "C" check (outcome in ('accepted', 'refused', 'duplicate')),
    state bytea not null,
    recorded_at timestamptz not null,
    constraint outcomes_position primary key (position)
);
comment on table ledger.outcomes is
    'What became of each message taken in, as it is published: contracts/messages/Outcome.v1.json.';

create table ledger.inbox (
    source text not null collate "C",
    message_id text not null collate "C",
    digest bytea not null,
    outcome bigint not null references ledger.outcomes,
    constraint inbox_message primary key (source, message_id)
);
comment on table ledger.inbox is 'The messages taken in, each once, with the digest of what it asked for and the position of its outcome.';

create table ledger.dead_letters (
    number bigint not null,
    topic text not null collate "C",
    partition int not null,
    "offset" bigint not null,
    reason text not null collate "C",
    detail text not null,
    source text collate "C",
    message_id text collate "C",
    key bytea,
    value bytea,
    headers bytea not null,
    recorded_at timestamptz not null,
    constraint dead_letters_number primary key (number),
    constraint dead_letters_place unique (topic, partition, "offset")
);
comment on table ledger.dead_letters is
    'Messages that could not be read, whole. What is published of them says why, and nothing of what they hold.';

create table ledger.dead_letter_acts (
    number bigint not null references ledger.dead_letters,
    act text not null collate "C" check (act in ('retried', 'discarded')),
    actor text not null check (actor <> ''),
    reason text not null check (reason <> ''),
    outcome text,
    recorded_at timestamptz not null default clock_timestamp(),
    constraint dead_letter_acts_number primary key (number)
);
comment on table ledger.dead_letter_acts is 'Who did what with a dead letter, and why: once for each.';

create function ledger.refuse_message_change() returns trigger
language plpgsql as $$
begin
    raise exception 'what came in is never changed: % on %.% is refused',
        tg_op, tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end $$;

create trigger outcomes_are_final before update or delete or truncate on ledger.outcomes
    for each statement execute function ledger.refuse_message_change();
create trigger inbox_is_final before update or delete or truncate on ledger.inbox
    for each statement execute function ledger.refuse_message_change();
create trigger dead_letters_are_final before update or delete or truncate on ledger.dead_letters
    for each statement execute function ledger.refuse_message_change();
create trigger dead_letter_acts_are_final before update or delete or truncate on ledger.dead_letter_acts
    for each statement execute function ledger.refuse_message_change();

-- Takes partitions from where the caller believes them to where it read them; false when one of them is
-- elsewhere. Whoever was left behind by a rebalance believes wrongly: nothing of what it did may stay.
create function ledger.move_offsets(
    topics text[], partitions int[], believed bigint[], moved bigint[]) returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    agreeing bigint;
begin
    insert into ledger.consumed_offsets (topic, partition, next_offset)
    -- Nobody took in of it yet: whoever comes first begins where the topic begins.
    select given.topic, given.partition, given.believed
    from unnest(topics, partitions, believed) as given (topic, partition, believed)
    order by given.topic, given.partition
    on conflict do nothing;
    -- Locked in order, so that no two wait for each other.
    perform from ledger.consumed_offsets o
    join unnest(topics, partitions) as given (topic, partition) using (topic, partition)
    order by o.topic, o.partition for update of o;
    update ledger.consumed_offsets o set next_offset = given.moved
    from unnest(topics, partitions, believed, moved) as given (topic, partition, believed, moved)
    where (o.topic, o.partition, o.next_offset) = (given.topic, given.partition, given.believed);
    get diagnostics agreeing = row_count;
    return agreeing = cardinality(topics);
end $$;

-- Outcomes and the inbox's rows, in order; `firsts` says which messages are new. Positions are counted under
-- the lock, so that the relay that tails them never passes a gap.
create function ledger.take_in(
    sources text[], message_ids text[], outcomes text[], states bytea[], digests bytea[], firsts boolean[])
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    last_position bigint;
begin
    lock table ledger.outcomes in exclusive mode;
    select coalesce(max(o.position), 0) into last_position from ledger.outcomes o;
    insert into ledger.outcomes (position, source, message_id, outcome, state, recorded_at)
    select last_position + given.n, given.source, given.message_id, given.outcome, given.state, clock_timestamp()
    from unnest(sources, message_ids, outcomes, states)
         with ordinality as given (source, message_id, outcome, state, n);
    insert into ledger.inbox (source, message_id, digest, outcome)
    select given.source, given.message_id, given.digest, last_position + given.n
    from unnest(sources, message_ids, digests, firsts) with ordinality
         as given (source, message_id, digest, first, n)
    where given.first;
    notify facts;
    return last_position;
end $$;

create function ledger.bury(
    topics text[], partitions int[], offsets bigint[], reasons text[], details text[], sources text[],
    message_ids text[], keys bytea[], contents bytea[], heads bytea[]) returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    last_number bigint;
begin
    lock table ledger.dead_letters in exclusive mode;
    select coalesce(max(d.number), 0) into last_number from ledger.dead_letters d;
    insert into ledger.dead_letters (number, topic, partition, "offset", reason, detail, source, message_id,
                                     key, value, headers, recorded_at)
    select last_number + given.n, given.topic, given.partition, given.at, given.reason, given.detail,
           given.source, given.message_id, given.key, given.content, given.head, clock_timestamp()
    from unnest(topics, partitions, offsets, reasons, details, sources, message_ids, keys, contents, heads)
         with ordinality
         as given (topic, partition, at, reason, detail, source, message_id, key, content, head, n);
    notify facts;
    return last_number;
end $$;

create function ledger.note_dead_letter_act(
    noted bigint, noted_act text, noted_actor text, noted_reason text, noted_outcome text) returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into ledger.dead_letter_acts (number, act, actor, reason, outcome)
    values (noted, noted_act, noted_actor, noted_reason, noted_outcome)
$$;

revoke all on function ledger.note_relayed(text[], bigint[]) from public;
revoke all on function ledger.load_senders(text[], text[], text[], text[]) from public;
revoke all on function ledger.move_offsets(text[], int[], bigint[], bigint[]) from public;
revoke all on function ledger.take_in(text[], text[], text[], bytea[], bytea[], boolean[]) from public;
revoke all on function ledger.bury(
    text[], int[], bigint[], text[], text[], text[], text[], bytea[], bytea[], bytea[]) from public;
revoke all on function ledger.note_dead_letter_act(bigint, text, text, text, text) from public;
grant execute on function ledger.note_relayed(text[], bigint[]) to ledger_service;
grant execute on function ledger.load_senders(text[], text[], text[], text[]) to ledger_service;
grant execute on function ledger.move_offsets(text[], int[], bigint[], bigint[]) to ledger_service;
grant execute on function ledger.take_in(text[], text[], text[], bytea[], bytea[], boolean[]) to ledger_service;
grant execute on function ledger.bury(
    text[], int[], bigint[], text[], text[], text[], text[], bytea[], bytea[], bytea[]) to ledger_service;
grant execute on function ledger.note_dead_letter_act(bigint, text, text, text, text) to ledger_service;

grant select on ledger.relay_checkpoints, ledger.senders, ledger.consumed_offsets, ledger.outcomes,
    ledger.inbox, ledger.dead_letters, ledger.dead_letter_acts to ledger_service;
