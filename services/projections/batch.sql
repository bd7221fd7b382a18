-- name: tables
-- What every projection reads in its apply.sql, made once per connection of the runner.
-- batch: the facts of one batch, as the feed gave them, with what many projections need of them:
--   effective      the first month of the new state, as its first day; null for facts of procedure
--   rank           the version of the first fact of the correction chain
--   superseded_at  the position, in this batch, of the correction that takes the fact's place
-- superseded: the chains that a correction in this batch goes on, with its position.
create temp table batch (
    position bigint not null,
    stream uuid not null,
    version int not null,
    type text collate "C" not null,
    recorded_at timestamptz not null,
    data jsonb not null,
    effective date generated always as (
        make_date(left(data ->> 'effective', 4)::int, right(data ->> 'effective', 2)::int, 1)
    ) stored,
    rank int generated always as (coalesce((data ->> 'rank')::int, version)) stored,
    spell int generated always as ((data ->> 'spell')::int) stored,
    superseded_at bigint
) on commit delete rows;
create index batch_type on batch (type);
create temp table superseded (
    stream uuid not null,
    rank int not null,
    position bigint not null
) on commit delete rows;
-- documents: the parts of those that facts of the batch name, each a number of whole lines.
create temp table documents (
    digest text collate "C" not null,
    part int not null,
    content text not null
) on commit delete rows;

-- name: documents_named
select distinct data ->> 'document'
from batch
where type in ('assistance.PaymentListFrozen.v1', 'assistance.PaymentResultsRecorded.v1');

-- name: forget
-- Between two batches of one transaction.
truncate batch, superseded, documents;

-- name: first_unknown
select type, position from batch where not type = any (%(known)s) order by position limit 1;

-- name: cut
-- With all of its moment: no position shows half of what one append recorded.
delete from batch
where recorded_at >= (select recorded_at from batch where position = %(position)s);

-- name: prepare
insert into superseded (stream, rank, position)
select stream, rank, position from batch where data ? 'corrects';

update batch set superseded_at = next.position
from (
    select batch.position as superseded, min(superseded.position) as position
    from superseded
    join batch using (stream, rank)
    where superseded.position > batch.position
    group by batch.position
) as next
where batch.position = next.superseded;

analyze batch (type);

-- name: extent
select count(*) as facts, max(position) as position from batch;
