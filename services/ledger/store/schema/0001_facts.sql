-- The event table, the commands that were accepted, and the one way in.
-- Run by an administrator. The roles are made in 0000_roles.sql, which is not numbered into the schema.

create schema ledger authorization ledger_owner;
set local role ledger_owner;

create table ledger.facts (
    originator_id uuid not null,
    originator_version bigint not null check (originator_version > 0),
    topic text not null collate "C",
    state bytea not null,
    notification_id bigint not null,
    recorded_at timestamptz not null,
    constraint facts_version primary key (originator_id, originator_version),
    constraint facts_position unique (notification_id)
);
comment on table ledger.facts is 'Immutable facts, in the order recorded (notification_id, without gaps).';

create table ledger.commands (
    actor text not null collate "C",
    idempotency_key text not null collate "C",
    payload bytea not null,
    subject uuid not null,
    first_position bigint not null,
    last_position bigint not null,
    constraint commands_key primary key (actor, idempotency_key)
);
comment on table ledger.commands is 'Accepted commands: the digest of the payload and the facts that answered it.';

create table ledger.areas (
    code text primary key collate "C" check (code ~ '^[0-9]{2}([0-9]{2}){0,2}$|^[0-9]{9}$|^[0-9]{12}$'),
    name text not null,
    kind text not null
);
comment on table ledger.areas is 'Reference data, not facts: the area codes that are known.';

create function ledger.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception 'facts are never changed: % on %.% is refused', tg_op, tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege',
              hint = 'Record a correction with a command; a correction is a fact of its own.';
end $$;

-- The owner itself may insert, and only the append below runs as the owner, who cannot log in.
create function ledger.refuse_foreign_insert() returns trigger
language plpgsql as $$
begin
    if current_user <> 'ledger_owner' then
        raise exception 'facts enter through ledger.append alone: INSERT into %.% is refused',
            tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
    end if;
    return null;
end $$;

create trigger facts_are_final before update or delete or truncate on ledger.facts
    for each statement execute function ledger.refuse_change();
create trigger facts_by_append before insert on ledger.facts
    for each statement execute function ledger.refuse_foreign_insert();
create trigger commands_are_final before update or delete or truncate on ledger.commands
    for each statement execute function ledger.refuse_change();
create trigger commands_by_append before insert on ledger.commands
    for each statement execute function ledger.refuse_foreign_insert();
create trigger areas_stay before delete or truncate on ledger.areas
    for each statement execute function ledger.refuse_change();

grant usage on schema ledger to ledger_service, projections_service;
grant select on ledger.facts, ledger.commands, ledger.areas to ledger_service;
