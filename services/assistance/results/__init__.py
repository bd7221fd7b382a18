"""Results files of payment systems, turned into the canonical results document that the ledger takes.

    results = read_results(file, "csv", amounts)
    written = write_document(payment_list, results, lines_expected, total_expected_fen, out)

Whatever is wrong is refused with its line, before the first byte of the document is written.
"""

from assistance.results.document import Written, write_document
from assistance.results.readers import FORMATS, read_results
from assistance.results.result import Result

__all__ = ["FORMATS", "Result", "Written", "read_results", "write_document"]
