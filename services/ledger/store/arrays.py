"""Arrays for the database, packed in PostgreSQL's binary format.

psycopg dumps an array element by element through a dumper chosen anew for each; of an import's time
that took a seventh. The arrays here have one type each and no nulls, so that packing them is a join.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import ClassVar
from uuid import UUID

import psycopg
from psycopg import pq
from psycopg.adapt import Buffer, Dumper

_LENGTH = struct.Struct(">i").pack
_HEADER = struct.Struct(">iiIii").pack
_SIXTEEN = _LENGTH(16)
_EIGHT = struct.Struct(">iq").pack


class Packed:
    """A packed one-dimensional array; the subclass says of what type."""

    element_oid: ClassVar[int]

    def __init__(self, length: int, elements: Iterable[bytes]) -> None:
        self.data = _HEADER(1, 0, self.element_oid, length, 1) + b"".join(elements)


class Uuids(Packed):
    """uuid[]"""

    element_oid = 2950


class Texts(Packed):
    """text[]"""

    element_oid = 25


class Bytes(Packed):
    """bytea[]"""

    element_oid = 17


class Integers(Packed):
    """bigint[]"""

    element_oid = 20


def uuids(values: Sequence[UUID]) -> Uuids:
    """Pack ids."""
    return Uuids(len(values), (_SIXTEEN + value.int.to_bytes(16, "big") for value in values))


def texts(values: Sequence[str]) -> Texts:
    """Pack texts; those that come again and again (topics, actors) are encoded once."""
    return Texts(len(values), map(_text, values))


@lru_cache(maxsize=4096)
def _text(value: str) -> bytes:
    encoded = value.encode()
    return _LENGTH(len(encoded)) + encoded


def byte_strings(values: Sequence[bytes]) -> Bytes:
    """Pack byte strings."""
    return Bytes(len(values), (_LENGTH(len(value)) + value for value in values))


def integers(values: Sequence[int]) -> Integers:
    """Pack integers of 64 bits."""
    return Integers(len(values), (_EIGHT(8, value) for value in values))


class _PackedDumper(Dumper):
    """Sends what is packed as it is."""

    format = pq.Format.BINARY
    packed: ClassVar[type[Packed]]

    def dump(self, obj: Packed) -> Buffer:
        """Return the packed bytes."""
        return obj.data


class _UuidsDumper(_PackedDumper):
    packed = Uuids
    oid = 2951


class _TextsDumper(_PackedDumper):
    packed = Texts
    oid = 1009


class _BytesDumper(_PackedDumper):
    packed = Bytes
    oid = 1001


class _IntegersDumper(_PackedDumper):
    packed = Integers
    oid = 1016


_DUMPERS: tuple[type[_PackedDumper], ...] = (
    _UuidsDumper, _TextsDumper, _BytesDumper, _IntegersDumper,
)  # fmt: skip
for _dumper in _DUMPERS:
    psycopg.adapters.register_dumper(_dumper.packed, _dumper)
