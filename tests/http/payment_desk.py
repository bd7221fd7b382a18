"""An office at its desk: it freezes lists over HTTP, has them approved, and reports results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.http.running import NDJSON, Running
from tests.ledger_database import COUNTY
from tests.payment_documents import Line, digest_of, line, list_document, references

MONTH = "2023-08"
DECIDED = "2023-08-03"
FIRST_MONTH = {
    "area": COUNTY,
    "setting": "lists.first_month",
    "value": MONTH,
    "effective": "2023-01",
    "decided_on": "2023-01-02",
}


@dataclass
class Desk:
    """An office at its desk: it knows the version of the stream of lists."""

    running: Running
    household: UUID = field(default_factory=uuid4)
    version: int = 0

    def document(self, *lines: Line, **head: Any) -> bytes:
        """A list computed now; of one household unless lines are given."""
        rows = lines or (line(self.household, {MONTH: 78_000}),)
        return list_document(*rows, **{"month": MONTH, "lists_version": self.version, **head})

    def send(
        self, content: bytes | Iterator[bytes], path: str = "/v1/payment-lists", **how: Any
    ) -> httpx.Response:
        """Send a document, decided on a day of its month; `version` is what If-Match says."""
        headers = {"Content-Type": NDJSON, **how.pop("headers", {})}
        how = {"actor": "clerk", "version": self.version, "decided_on": DECIDED, **how}
        how = {name: value for name, value in how.items() if value is not None}
        answer = self.running.post(path, content=content, headers=headers, **how)
        if answer.status_code == 201:
            self.version = max(self.version, answer.json()["version"])
        return answer

    def frozen(self, **how: Any) -> dict[str, Any]:
        """A list that was frozen: the answer."""
        answer = self.send(self.document(), **how)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def act(self, list_id: str, verb: str, version: int, **data: Any) -> httpx.Response:
        """Act on a list by an ordinary command."""
        body = {"list": list_id, "decided_on": DECIDED, **data}
        answer = self.running.post(f"/v1/payment-lists/{list_id}/{verb}", body, version=version)
        if answer.status_code == 201:
            self.version = answer.json()["version"]
        return answer

    def approved(self) -> tuple[str, UUID, int]:
        """A list that was approved: its id, its line's reference id, its version."""
        content = self.document()
        taken = self.send(content).json()
        answer = self.act(
            taken["list"], "approve-payment-list", taken["version"], document=digest_of(content)
        )
        assert answer.status_code == 201, answer.text
        [(reference, _)] = references(UUID(taken["list"]), content)
        return taken["list"], reference, answer.json()["version"]

    def report(
        self, list_id: str, content: bytes, version: int | None, **how: Any
    ) -> httpx.Response:
        """Report results of a list."""
        return self.send(content, f"/v1/payment-lists/{list_id}/results", version=version, **how)

    def on_record(self) -> tuple[tuple[int, int], list[tuple[Any, ...]]]:
        """What must not change by what is refused."""
        database = self.running.database
        return database.counts(), database.ask("select digest from ledger.documents order by 1")


def desk_of(running: Running, version: int | None = None) -> Desk:
    """A desk in a county, at a version of its settings, that lists payments from August 2023 on."""
    answer = running.post(f"/v1/areas/{COUNTY}/adopt-policy", FIRST_MONTH, version=version)
    assert answer.status_code == 201, answer.text
    return Desk(running)
