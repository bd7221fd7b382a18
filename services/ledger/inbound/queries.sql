-- name: next_offsets
select topic, partition, next_offset from ledger.consumed_offsets

-- name: known_messages
-- Those of the messages asked for that were taken in before, with what became of them.
select i.source, i.message_id, i.digest, o.state
from unnest(%(sources)b, %(message_ids)b) as asked (source, message_id)
join ledger.inbox i on i.source = asked.source and i.message_id = asked.message_id
join ledger.outcomes o on o.position = i.outcome

-- name: move_offsets
select ledger.move_offsets(%(topics)s, %(partitions)s, %(believed)s, %(moved)s) as agreeing

-- name: take_in
select ledger.take_in(%(sources)b, %(message_ids)b, %(outcomes)b, %(states)b, %(digests)b, %(firsts)s)

-- name: bury
select ledger.bury(%(topics)s, %(partitions)s, %(offsets)s, %(reasons)s, %(details)s, %(sources)s,
                   %(message_ids)s, %(keys)s, %(contents)s, %(heads)s)

-- name: rights
select sender, kind, name, area from ledger.senders order by sender, kind, name, area

-- name: load_senders
select ledger.load_senders(%(senders)s, %(kinds)s, %(names)s, %(areas)s) as loaded

-- name: open_dead_letters
select count(*) as open
from ledger.dead_letters d
where not exists (select from ledger.dead_letter_acts a where a.number = d.number)

-- name: dead_letters
-- Nothing of what they hold.
select d.number, d.topic, d.partition, d."offset", d.reason, d.detail, d.source, d.message_id,
       coalesce(octet_length(d.value), 0) as bytes, d.recorded_at,
       coalesce(last.act, 'open') as state
from ledger.dead_letters d
left join lateral (
    select a.act from ledger.dead_letter_acts a
    where a.number = d.number order by a.recorded_at desc limit 1
) as last on true
where d.number > %(after)s and (not %(open)s or last.act is null)
order by d.number
limit %(limit)s

-- name: dead_letter
select number, topic, partition, "offset", reason, detail, source, message_id, key, value, headers, recorded_at
from ledger.dead_letters
where number = %(number)s

-- name: dead_letter_acts
select act, actor, reason, outcome, recorded_at from ledger.dead_letter_acts
where number = %(number)s
order by recorded_at

-- name: note_dead_letter_act
select ledger.note_dead_letter_act(%(number)s, %(act)s, %(actor)s, %(reason)s, %(outcome)s)
