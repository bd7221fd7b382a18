-- How far the projections are. All projections of a database stand at one position.
create schema if not exists projections;

create table if not exists projections.positions (
    projection text primary key,
    position bigint not null,
    digest text not null
);

-- Only of projections that come from Kafka: from which offset each partition goes on, and the position up
-- to which nothing more will come in it. What readers are told is the least of them.
create table if not exists projections.partitions (
    partition int primary key,
    next_offset bigint not null default 0,
    position bigint not null default 0
);
