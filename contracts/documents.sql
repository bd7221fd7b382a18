-- The documents that facts name by their digest, as the projections read them: the lines of payment
-- lists, and of the results that payment systems reported.
-- digest   SHA-256 of the whole document, 64 hex digits, as PaymentListFrozen and PaymentResultsRecorded name it
-- part     its parts in order, from 1; each ends with a whole line, of at most about 256 KiB
-- content  NDJSON as text; the parts one after the other are the document, byte for byte
create or replace view ledger.document_feed as
select digest,
       part,
       convert_from(content, 'UTF8') as content
from ledger.document_parts;
