"""What the environment says of Kafka is looked at before anything is started."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from edge.kafka.settings import KafkaSettings
from edge.settings import BadSetting, Metrics
from ledger.inbound.senders import Right, SendersFileError, read_senders


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KAFKA_SERVERS", "127.0.0.1:abc"),
        ("KAFKA_SERVERS", "broker"),
        ("KAFKA_SECURITY_PROTOCOL", "bogus"),
        ("KAFKA_SSL_CAFILE", "/no/such/file"),
    ],
)
def test_a_value_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        KafkaSettings.read({"KAFKA_SERVERS": "127.0.0.1:9092", name: value})


@pytest.mark.parametrize("port", ["x", "-1", "9e3"])
def test_a_port_of_measures_is_a_number(port: str) -> None:
    with pytest.raises(BadSetting, match="ASSISTANCE_METRICS_PORT"):
        Metrics.read({"ASSISTANCE_METRICS_PORT": port})


def not_utf_8() -> Iterable[str]:
    """Lines of a file in another encoding."""
    yield "sender,kind,name,area\n"
    raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["sender,kind,name,area\n", "x,signal,MedicalBilReported,14\n"], "is no signal"),
        (["sender,kind,name,area\n", "x,command,*,14040\n"], "2, 4, 6, 9 or 12 digits"),
        (not_utf_8(), "not UTF-8"),
    ],
)
def test_a_right_that_can_never_match_is_refused(lines: Iterable[str], words: str) -> None:
    with pytest.raises(SendersFileError, match=words):
        read_senders(lines)


def test_no_area_stands_for_all_and_a_star_for_every_signal() -> None:
    assert read_senders(["sender,kind,name,area\n", "x,signal,*,\n"]) == [
        Right("x", "signal", "*", "")
    ]
