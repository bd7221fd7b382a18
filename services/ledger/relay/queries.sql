-- name: lead
-- Held by the connection: it is free again once the process or its connection is gone.
select pg_try_advisory_lock(hashtextextended('ledger.relay', 7412004)) as leads

-- name: keep_alive
select set_config('tcp_keepalives_idle', '3', false), set_config('tcp_keepalives_interval', '1', false),
       set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '6000', false)

-- name: checkpoints
select tail, position from ledger.relay_checkpoints

-- name: note_relayed
select ledger.note_relayed(%(tails)s, %(positions)s)

-- name: heads
select 'facts' as tail, coalesce(max(notification_id), 0) as head from ledger.facts
union all select 'outcomes', coalesce(max(position), 0) from ledger.outcomes
union all select 'dead_letters', coalesce(max(number), 0) from ledger.dead_letters

-- name: facts
select notification_id as position, originator_id::text as stream, originator_version as version,
       topic as type, to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time,
       state as value
from ledger.facts
where notification_id > %(after)s
order by notification_id
limit %(most)s

-- name: outcomes
select position, source, message_id,
       to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time, state as value
from ledger.outcomes
where position > %(after)s
order by position
limit %(most)s

-- name: dead_letters
-- Why, and how to find it again; nothing of what it holds.
select number as position,
       to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time,
       topic, partition, "offset", reason, detail, source, message_id,
       coalesce(octet_length(value), 0) as bytes, encode(sha256(coalesce(value, ''::bytea)), 'hex') as sha256
from ledger.dead_letters
where number > %(after)s
order by number
limit %(most)s
