-- The documents that facts name by their digest: the lines of payment lists, and of their results. They
-- enter whole, through two functions and in one transaction, and are never changed.
set local role ledger_owner;

create table ledger.documents (
    digest text not null collate "C" check (digest ~ '^[0-9a-f]{64}$'),
    kind text not null,
    head text not null,
    lines bigint not null check (lines >= 0),
    total_fen bigint not null check (total_fen >= 0),
    bytes bigint not null check (bytes <= 536870912),
    parts int not null,
    constraint documents_digest primary key (digest)
);
comment on table ledger.documents is
    'What a document says of itself: the first line and the last, its bytes. Named by SHA-256.';

-- A part without its document cannot be committed: nothing half taken stays.
create table ledger.document_parts (
    digest text not null collate "C"
        constraint parts_of_a_document references ledger.documents deferrable initially deferred,
    part int not null check (part > 0),
    content bytea not null,
    constraint document_parts_part primary key (digest, part),
    constraint parts_end_with_a_line check (
        octet_length(content) between 1 and 1048576
        and get_byte(content, octet_length(content) - 1) = 10)
);
comment on table ledger.document_parts is
    'The bytes of the documents, in order, cut at the ends of lines.';

create function ledger.refuse_document_change() returns trigger
language plpgsql as $$
begin
    raise exception 'documents are never changed: % on %.% is refused',
        tg_op, tg_table_schema, tg_table_name using errcode = 'insufficient_privilege',
        hint = 'Another document has another digest: store it beside this one.';
end $$;

create function ledger.refuse_foreign_document() returns trigger
language plpgsql as $$
begin
    if current_user <> 'ledger_owner' then
        raise exception 'documents enter through ledger.add_document_part and ledger.seal_document '
            'alone: INSERT into %.% is refused', tg_table_schema, tg_table_name
            using errcode = 'insufficient_privilege';
    end if;
    return null;
end $$;

create trigger documents_are_final before update or delete or truncate on ledger.documents
    for each statement execute function ledger.refuse_document_change();
create trigger documents_by_seal before insert on ledger.documents
    for each statement execute function ledger.refuse_foreign_document();
create trigger document_parts_are_final before update or delete or truncate on ledger.document_parts
    for each statement execute function ledger.refuse_document_change();
create trigger document_parts_by_function before insert on ledger.document_parts
    for each statement execute function ledger.refuse_foreign_document();

-- Who stores the same document at the same time waits, and then finds it sealed.
create function ledger.add_document_part(named text, number int, given bytea) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(named, 7412003));
    if exists (select from ledger.documents d where d.digest = named) then
        raise exception 'document % is sealed', named using errcode = 'unique_violation',
            constraint = 'documents_digest';
    end if;
    insert into ledger.document_parts (digest, part, content) values (named, number, given);
end $$;

-- The parts of a document, in order, must be what the digest names; what the ledger says of a document
-- is read from its own first and last line.
create function ledger.seal_document(named text) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    size bigint;
    last_part int;
    first_line text;
    last_line text;
begin
    perform pg_advisory_xact_lock(hashtextextended(named, 7412003));
    select sum(octet_length(p.content)), max(p.part) into size, last_part
    from ledger.document_parts p where p.digest = named
    having min(p.part) = 1 and max(p.part) = count(*);
    if size is null or size > 536870912 then
        raise exception 'document % lacks a part, or has more than 536870912 bytes', named
            using errcode = 'data_exception';
    end if;
    if named is distinct from (
        select encode(sha256(string_agg(p.content, ''::bytea order by p.part)), 'hex')
        from ledger.document_parts p where p.digest = named)
    then
        raise exception 'the parts of document % have another digest', named
            using errcode = 'data_exception';
    end if;
    select split_part(convert_from(p.content, 'UTF8'), E'\n', 1) into first_line
    from ledger.document_parts p where p.digest = named and p.part = 1;
    select split_part(convert_from(p.content, 'UTF8'), E'\n', -2) into last_line
    from ledger.document_parts p where p.digest = named and p.part = last_part;
    insert into ledger.documents (digest, kind, head, lines, total_fen, bytes, parts)
    select named, first_line::json ->> 'document', first_line, (last_line::json ->> 'lines')::bigint,
           (last_line::json ->> 'total_fen')::bigint, size, last_part;
end $$;

revoke all on function ledger.add_document_part(text, int, bytea) from public;
grant execute on function ledger.add_document_part(text, int, bytea) to ledger_service;
revoke all on function ledger.seal_document(text) from public;
grant execute on function ledger.seal_document(text) to ledger_service;

grant select on ledger.documents, ledger.document_parts to ledger_service;
