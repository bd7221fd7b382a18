"""Documents by their digest: a message names what a list ordered to be paid, and the ledger has it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from http.client import HTTPException
from typing import IO
from urllib.request import Request, urlopen

from projections.errors import ProjectionError

PART_BYTES = 256 * 1024
ANSWER_SECONDS = 30


class NoDocument(ProjectionError):
    """The ledger does not give a document that a fact names, or gives another one."""

    name = "no-document"


def parts(ledger_url: str, digest: str) -> Iterator[tuple[int, str]]:
    """Yield the parts of a document, numbered from 1, each of whole lines.

    Raises NoDocument when the ledger does not have it, does not answer, or when what came has another
    digest; what was yielded before is then not to be used.
    """
    request = Request(f"{ledger_url.rstrip('/')}/v1/documents/{digest}")  # noqa: S310  from the settings
    seen = hashlib.sha256()
    try:
        with urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            for number, part in enumerate(_parts_of(answer), 1):
                seen.update(part)
                yield number, part.decode()
    except (OSError, HTTPException, UnicodeDecodeError) as error:
        raise NoDocument(
            f"The ledger does not give document {digest}: {error}. It is asked again."
        ) from None
    if seen.hexdigest() != digest:
        raise NoDocument(f"What the ledger gives for document {digest} has another digest.")


def _parts_of(answer: IO[bytes]) -> Iterator[bytes]:
    while part := answer.read(PART_BYTES):
        yield part + answer.readline()
