"""Where a process that serves nothing else tells how it is, read from the environment once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class BadSetting(Exception):
    """A variable of the environment has a value that cannot be; the words name it."""


@dataclass(frozen=True)
class Metrics:
    """The port of /livez, /readyz and /metrics of relay, inbound and projections run.

    port   ASSISTANCE_METRICS_PORT: served when it is set
    host   ASSISTANCE_METRICS_HOST: the address to listen on; default 127.0.0.1
    """

    port: int
    host: str = "127.0.0.1"

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Metrics | None:
        """Read the environment; None when it names no port, BadSetting when that is no number."""
        port = environment.get("ASSISTANCE_METRICS_PORT")
        host = environment.get("ASSISTANCE_METRICS_HOST") or "127.0.0.1"
        if port and not (port.isascii() and port.isdigit()):
            raise BadSetting("ASSISTANCE_METRICS_PORT is no port.")
        return cls(int(port), host) if port else None
