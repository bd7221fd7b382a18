-- The feed: every fact in the order in which it was recorded. What the projections read, and all that they read.
-- position     the ledger's position; commit order is position order, without gaps
-- stream       the id of the household, person, area, grant or alert; a fact's id is <stream>:<version>
-- type         assistance.<Fact>.v1
-- recorded_at  set by the append under its lock, never going back
-- data         the fact as stored, JSON as text: contracts/facts/<Fact>.v1.json
create or replace view ledger.feed as
select notification_id as position,
       originator_id as stream,
       originator_version as version,
       topic as type,
       recorded_at,
       convert_from(state, 'UTF8') as data
from ledger.facts;
