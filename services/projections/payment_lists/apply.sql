-- Facts of the cell's payment lists, with the documents that they name (temporary table `documents`,
-- whose parts end with a line). A list's lines are those of its document, once it is frozen.

do $$
declare
    correctable text;
begin
    if exists (select from superseded) then
        foreach correctable in array array['recoveries', 'recovery_parts', 'receipts'] loop
            execute format(
                'update %1$I as said set known_to = first.position
                 from (select stream, rank, min(position) as position from superseded group by stream, rank)
                     as first
                 join batch on batch.stream = first.stream
                  and batch.type in (''assistance.RecoveryOrdered.v1'', ''assistance.RecoveryReceived.v1'',
                                     ''assistance.RecoveryWaived.v1'')
                  and batch.rank = first.rank
                 where said.rank = first.rank and said.known_to is null',
                correctable);
        end loop;
    end if;
end $$;

insert into lists
    (list, kind, area, programme, month, computed_at, lists_version, calculation, document, lines, total_fen,
     reissues, area_grant, actor, decided_on, version, known_from)
select (data ->> 'list')::uuid, data ->> 'kind', data ->> 'area', data ->> 'programme',
       ((data ->> 'month') || '-01')::date, (data ->> 'position')::bigint, (data ->> 'lists_version')::int,
       (data ->> 'calculation')::int, data ->> 'document', (data ->> 'lines')::bigint,
       (data ->> 'total_fen')::bigint, (data ->> 'reissues')::uuid, data ->> 'grant', data ->> 'actor',
       (data ->> 'decided_on')::date, version, position
from batch
where type = 'assistance.PaymentListFrozen.v1';

insert into acts (list, act, actor, decided_on, detail, recorded_at, version, known_from)
select (data ->> 'list')::uuid, act, data ->> 'actor', (data ->> 'decided_on')::date,
       coalesce(data ->> 'reason', data ->> 'format'), recorded_at, version, position
from (values
    ('assistance.PaymentListApproved.v1', 'approved'),
    ('assistance.PaymentListRejected.v1', 'rejected'),
    ('assistance.PaymentListCancelled.v1', 'cancelled'),
    ('assistance.PaymentListSent.v1', 'sent')
) as said (type, act)
join batch using (type);

with entries as materialized (
    select frozen.list, frozen.kind, frozen.area_grant, frozen.known_from, documents.part, entry.n, entry.line::jsonb as line
    from (
        select (data ->> 'list')::uuid as list, data ->> 'kind' as kind, data ->> 'grant' as area_grant,
               data ->> 'document' as document, position as known_from
        from batch
        where type = 'assistance.PaymentListFrozen.v1'
    ) as frozen
    join documents on documents.digest = frozen.document
    cross join lateral regexp_split_to_table(rtrim(documents.content, E'\n'), E'\n')
        with ordinality as entry (line, n)
),
ordered as materialized (
    select list, kind, area_grant, known_from, line,
           row_number() over (partition by list order by part, n) - 1 as ordinal,
           coalesce(line ->> 'grant', line ->> 'household')::uuid as subject,
           encode(sha256(convert_to(
               case when line ? 'reissues' then (line ->> 'reissues') || ':' || list
                    else list || ':' || coalesce(line ->> 'grant', line ->> 'household') || ':' || (line ->> 'head')
               end, 'UTF8')), 'hex') as hash
    from entries
    where line ? 'parts'
),
referenced as materialized (
    select list, kind, area_grant, known_from, line, ordinal, subject,
           overlay(overlay(left(hash, 32) placing '8' from 13 for 1)
                   placing substr('89ab', 1 + (('x' || substr(hash, 17, 1))::bit(4)::int & 3), 1)
                   from 17 for 1)::uuid as reference_id
    from ordered
),
written as (
    insert into lines
        (list, ordinal, subject, household, head, area, payee, amount_fen, reference_id, reissues, known_from)
    select list, ordinal + 1, subject, (line ->> 'household')::uuid, line ->> 'head', line ->> 'area',
           (line ->> 'payee')::uuid, (line ->> 'amount_fen')::bigint, reference_id,
           (line ->> 'reissues')::uuid, known_from
    from referenced
)
insert into parts (list, subject, head, area, month, fen, kind, area_grant, reference_id, known_from)
select list, subject, line ->> 'head', line ->> 'area', ((part ->> 'month') || '-01')::date,
       (part ->> 'fen')::bigint, kind, area_grant, reference_id, known_from
from referenced
cross join lateral jsonb_array_elements(line -> 'parts') as part;

-- A list that was rejected or cancelled counts as never listed from then on.
update lists set known_to = gone.position
from (
    select (data ->> 'list')::uuid as list, position
    from batch
    where type in ('assistance.PaymentListRejected.v1', 'assistance.PaymentListCancelled.v1')
) as gone
where lists.list = gone.list;

update parts set known_to = gone.position
from (
    select (data ->> 'list')::uuid as list, position
    from batch
    where type in ('assistance.PaymentListRejected.v1', 'assistance.PaymentListCancelled.v1')
) as gone
where parts.list = gone.list;

do $$
begin
    if not exists (select from batch where type = 'assistance.PaymentResultsRecorded.v1') then
        return;
    end if;
    create temp table reported on commit drop as
    select recorded.list, (line ->> 'reference_id')::uuid as reference_id, line ->> 'status' as status,
           line ->> 'reason' as reason, (line ->> 'amount_fen')::bigint as amount_fen,
           (line ->> 'at')::timestamptz as reported_at, recorded.version, recorded.position
    from (
        select (data ->> 'list')::uuid as list, data ->> 'document' as document, version, position
        from batch
        where type = 'assistance.PaymentResultsRecorded.v1'
    ) as recorded
    join documents on documents.digest = recorded.document
    cross join lateral regexp_split_to_table(rtrim(documents.content, E'\n'), E'\n') as entry
    cross join lateral (select entry::jsonb as line) as parsed
    where line ? 'reference_id';

    update results set known_to = next.position
    from (select reference_id, min(position) as position from reported group by reference_id) as next
    where results.reference_id = next.reference_id and results.known_to is null;

    insert into results
        (list, reference_id, status, reason, amount_fen, reported_at, version, known_from, known_to)
    select list, reference_id, status, reason, amount_fen, reported_at, version, position,
           lead(position) over (partition by reference_id order by position)
    from reported;

    drop table reported;
end $$;

insert into closures (list, reference_id, amount_fen, reason, note, version, known_from)
select (data ->> 'list')::uuid, (data ->> 'reference_id')::uuid, (data ->> 'amount_fen')::bigint,
       data ->> 'reason', data ->> 'note', version, position
from batch
where type = 'assistance.PaymentLineClosed.v1';

insert into recoveries
    (recovery, household, ground, legal_basis, actor, decided_on, rank, version, known_from, known_to)
select (data ->> 'recovery')::uuid, (data ->> 'household')::uuid, data ->> 'ground', data ->> 'legal_basis',
       data ->> 'actor', (data ->> 'decided_on')::date, rank, version, position, superseded_at
from batch
where type = 'assistance.RecoveryOrdered.v1';

insert into recovery_parts (recovery, household, month, fen, rank, version, known_from, known_to)
select (data ->> 'recovery')::uuid, (data ->> 'household')::uuid, ((part ->> 'month') || '-01')::date,
       (part ->> 'fen')::bigint, rank, version, position, superseded_at
from batch
cross join lateral jsonb_array_elements(data -> 'parts') as part
where type = 'assistance.RecoveryOrdered.v1';

insert into receipts (recovery, waived, fen, decided_on, rank, version, known_from, known_to)
select (data ->> 'recovery')::uuid, type = 'assistance.RecoveryWaived.v1', (data ->> 'amount_fen')::bigint,
       (data ->> 'decided_on')::date, rank, version, position, superseded_at
from batch
where type in ('assistance.RecoveryReceived.v1', 'assistance.RecoveryWaived.v1');
