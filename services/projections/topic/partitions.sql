-- name: make_partitions
-- A row for each partition of the topic: one that says nothing yet keeps the cell's position at 0.
insert into projections.partitions (partition)
select n from generate_series(0, %(partitions)s - 1) as n
on conflict do nothing

-- name: offsets
select partition, next_offset from projections.partitions

-- name: digests
select projection, digest from projections.positions

-- name: lock_partitions
select partition from projections.partitions where partition = any (%(partitions)s) order by partition for update

-- name: move
-- Whoever was left behind by a rebalance believes in an offset that another worker has moved on from.
update projections.partitions p
set next_offset = given.moved, position = greatest(p.position, given.reached)
from unnest(%(partitions)s::int[], %(believed)s::bigint[], %(moved)s::bigint[], %(reached)s::bigint[])
     as given (partition, believed, moved, reached)
where p.partition = given.partition and p.next_offset = given.believed

-- name: drop_known
-- What was applied before, and came again.
delete from batch using facts where facts.stream = batch.stream and facts.version = batch.version

-- name: first_gap
-- The first fact of the batch before which one of its stream is missing: facts come in order per stream.
select stream, version
from (
    select stream, version,
           lag(version) over (partition by stream order by version) as in_batch
    from batch
) as given
left join lateral (
    select max(facts.version) as known from facts where facts.stream = given.stream
) as applied on given.in_batch is null
where version <> coalesce(in_batch, known, 0) + 1
limit 1
