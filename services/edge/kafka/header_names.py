"""Names of headers that are no UTF-8: the brokers take them, and the client stops at them for good.

The client decodes a name strictly, and calls the batch corrupt when that fails: nothing behind it in its
partition would ever be read. Here the record is read again, with replacement characters in the name.
"""

from __future__ import annotations

from typing import Any

from kafka.record.default_records import DefaultRecordBatch

_read_strictly = DefaultRecordBatch._read_msg


class _Lenient(bytearray):
    """Bytes of which every part decodes to some text."""

    def __getitem__(self, part: Any) -> Any:
        found = super().__getitem__(part)
        return _Lenient(found) if isinstance(part, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return bytes(self).decode(encoding, errors)


def _read_leniently(batch: DefaultRecordBatch, *given: Any, **named: Any) -> Any:
    begin = batch._pos
    try:
        return _read_strictly(batch, *given, **named)
    except UnicodeDecodeError:
        batch._pos, batch._buffer = begin, _Lenient(batch._buffer)
        return _read_strictly(batch, *given, **named)


def install() -> None:
    """Have the client read such records; done once, however often it is asked."""
    DefaultRecordBatch._read_msg = _read_leniently
