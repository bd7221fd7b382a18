"""Producers that do not give up: what a broker did not acknowledge is sent again, with the same id."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from edge.kafka.settings import COMMANDS, KafkaSettings, connection_options
from tests.faults.acts import Act, headers

ACK_SECONDS = 10


class Sender(threading.Thread):
    """Sends acts for many households at once, one at a time for each, until all are acknowledged."""

    def __init__(
        self, settings: KafkaSettings, name: str, lives: Iterable[Iterator[Act]], at_once: int,
        pace: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__(name=name, daemon=True)
        self._settings = settings
        self._lives = iter(lives)
        self._at_once = at_once
        self._pace = pace
        self.acknowledged: list[str] = []
        self.sent = 0
        self.failed: BaseException | None = None
        self._producer: KafkaProducer | None = None

    def run(self) -> None:
        """Send everything; `failed` says why it could not."""
        try:
            while lives := list(islice(self._lives, self._at_once)):
                while acts := [act for life in lives if (act := next(life, None))]:
                    self._send(acts)
                    self._pace()
        except BaseException as error:
            self.failed = error
            raise
        finally:
            self._close()

    def _send(self, acts: list[Act]) -> None:
        """Send acts of different households until each is acknowledged."""
        while acts:
            acts = self._try(acts)

    def _try(self, acts: list[Act]) -> list[Act]:
        """Send once; return what was not acknowledged. A producer that met an error is not used again."""
        try:
            futures = [(act, self._put(act)) for act in acts]
            for n, (act, future) in enumerate(futures):
                future.get(ACK_SECONDS)
                self.acknowledged.append(act.id)
                acts = [later for later, _ in futures[n + 1 :]]
        except KafkaError:
            self._close()
        return acts

    def _put(self, act: Act) -> Any:
        if self._producer is None:
            self._producer = KafkaProducer(
                **connection_options(self._settings), enable_idempotence=True, acks="all",
                linger_ms=5, delivery_timeout_ms=ACK_SECONDS * 1000, request_timeout_ms=5_000,
                max_block_ms=ACK_SECONDS * 1000, bootstrap_timeout_ms=ACK_SECONDS * 1000,
            )  # fmt: skip
        self.sent += 1
        topic = self._settings.topic(COMMANDS)
        return self._producer.send(topic, act.value, act.key, headers(act, self.name))

    def _close(self) -> None:
        if self._producer is not None:
            with suppress(KafkaError):
                self._producer.close(timeout=1)
            self._producer = None
