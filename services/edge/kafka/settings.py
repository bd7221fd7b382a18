"""How Kafka is reached, read from the environment once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.settings import BadSetting

_PROTOCOL = re.compile(r"(SASL_)?(PLAINTEXT|SSL)", re.ASCII)
_SERVER = re.compile(r"\S+:[0-9]{1,5}", re.ASCII)

EVENTS = "assistance.events.v1"
COMMANDS = "assistance.commands.v1"
SIGNALS = "assistance.signals.v1"
OUTCOMES = "assistance.outcomes.v1"
DEAD_LETTERS = "assistance.dead-letters.v1"


@dataclass(frozen=True)
class KafkaSettings:
    """Where the brokers are, and as whom we come.

    servers            KAFKA_SERVERS: host:port, several with commas; absent: there is no Kafka
    topic_prefix       KAFKA_TOPIC_PREFIX: put before the name of every topic and group; empty by default
    security_protocol  KAFKA_SECURITY_PROTOCOL: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL
    sasl_mechanism     KAFKA_SASL_MECHANISM: for example SCRAM-SHA-512
    sasl_username      KAFKA_SASL_USERNAME: as whom this process comes
    sasl_password      KAFKA_SASL_PASSWORD: its password
    ssl_cafile         KAFKA_SSL_CAFILE: the authority that signed the brokers' certificates
    """

    servers: tuple[str, ...]
    topic_prefix: str = ""
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = None
    ssl_cafile: str | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> KafkaSettings | None:
        """Read the environment; None when it names no brokers, BadSetting when a value cannot be."""
        servers = tuple(
            filter(None, map(str.strip, environment.get("KAFKA_SERVERS", "").split(",")))
        )
        if not servers:
            return None
        protocol = environment.get("KAFKA_SECURITY_PROTOCOL") or "PLAINTEXT"
        authority = environment.get("KAFKA_SSL_CAFILE")
        if not all(map(_SERVER.fullmatch, servers)):
            raise BadSetting("KAFKA_SERVERS: each is host:port, several with commas.")
        if not _PROTOCOL.fullmatch(protocol):
            raise BadSetting(
                "KAFKA_SECURITY_PROTOCOL is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."
            )
        if authority and not Path(authority).is_file():
            raise BadSetting("KAFKA_SSL_CAFILE names no file.")
        return cls(
            servers=servers,
            topic_prefix=environment.get("KAFKA_TOPIC_PREFIX", ""),
            security_protocol=protocol,
            sasl_mechanism=environment.get("KAFKA_SASL_MECHANISM") or None,
            sasl_username=environment.get("KAFKA_SASL_USERNAME") or None,
            sasl_password=environment.get("KAFKA_SASL_PASSWORD") or None,
            ssl_cafile=authority or None,
        )

    def topic(self, name: str) -> str:
        """Return a topic's (or group's) name here: the prefix goes before it."""
        return self.topic_prefix + name


def connection_options(settings: KafkaSettings) -> dict[str, Any]:
    """Return what every client of the library is told about the connection."""
    return {
        "bootstrap_servers": list(settings.servers),
        "security_protocol": settings.security_protocol,
        "sasl_mechanism": settings.sasl_mechanism,
        "sasl_plain_username": settings.sasl_username,
        "sasl_plain_password": settings.sasl_password,
        "ssl_cafile": settings.ssl_cafile,
    }
