-- name: append
select ledger.append(
    %(ids)b, %(versions)b, %(topics)b, %(states)b,
    %(actors)b, %(keys)b, %(payloads)b, %(subjects)b, %(counts)b)

-- name: newer_facts
-- What was recorded on the given streams after the versions that the caller has.
select f.originator_id, f.topic, f.state
from unnest(%(ids)b, %(versions)b) as has (id, version)
join ledger.facts f on f.originator_id = has.id and f.originator_version > has.version
order by f.originator_id, f.originator_version

-- name: accepted_commands
-- The accepted commands among those asked for; nearly always there is none.
select c.actor, c.idempotency_key, c.payload, c.subject, c.first_position, c.last_position
from unnest(%(actors)b, %(keys)b) as asked (actor, key)
join ledger.commands c on c.actor = asked.actor and c.idempotency_key = asked.key

-- name: facts_at
select f.notification_id, f.originator_id, f.originator_version, f.topic, f.state
from ledger.facts f
where f.notification_id = any (%(positions)b)

-- name: last_fact
select f.originator_version, f.notification_id, f.recorded_at, f.topic
from ledger.facts f
where f.originator_id = %(id)s
order by f.originator_version desc
limit 1

-- name: area_code
select code from ledger.areas where code = %(code)s

-- name: areas_under
select code, name, kind from ledger.areas
where code like %(prefix)s || '%%' and code > %(after)s
order by code
limit %(limit)s

-- name: load_areas
select ledger.load_areas(%(codes)s, %(names)s, %(kinds)s)

-- name: fact
select topic, state from ledger.facts where originator_id = %(id)s and originator_version = %(version)s

-- name: last_position
select coalesce(max(notification_id), 0) as last from ledger.facts

-- name: fact_position
select notification_id from ledger.facts where originator_id = %(id)s and originator_version = %(version)s

-- name: document
select digest, kind, head, lines, total_fen, bytes from ledger.documents where digest = %(digest)s

-- name: document_part
select content from ledger.document_parts where digest = %(digest)s and part = %(part)s

-- name: add_document_part
select ledger.add_document_part(%(digest)s, %(part)s, %(content)s)

-- name: seal_document
select ledger.seal_document(%(digest)s)
