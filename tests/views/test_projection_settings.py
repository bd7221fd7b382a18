"""Settings of the projections: read once, refused in one line."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from projections.errors import CannotStart
from projections.settings import Settings, from_environment


def test_the_feed_is_in_the_projections_database_unless_said_otherwise() -> None:
    assert from_environment({"PROJECTIONS_DSN": "a"}) == Settings(
        "a", "a", ZoneInfo("Asia/Shanghai")
    )


def test_every_setting_is_read() -> None:
    told = {
        "PROJECTIONS_DSN": "a",
        "FEED_DSN": "b",
        "ASSISTANCE_ZONE": "Europe/Vienna",
        "ASSISTANCE_WORKDAYS_FILE": "days.csv",
        "PROJECTIONS_BATCH": "7",
        "PROJECTIONS_CONNECTIONS": "3",
        "PROJECTIONS_WAIT_SECONDS": "0.5",
    }
    assert from_environment(told) == Settings(
        "a", "b", ZoneInfo("Europe/Vienna"), Path("days.csv"), 7, 3, 0.5
    )


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "PROJECTIONS_DSN is missing"),
        ({"ASSISTANCE_ZONE": "Moon/Base"}, "no zone of the tz database"),
        ({"ASSISTANCE_ZONE": "../etc/passwd"}, "no zone of the tz database"),
        ({"PROJECTIONS_BATCH": "many"}, "PROJECTIONS_BATCH must be a number from 1"),
        ({"PROJECTIONS_CONNECTIONS": "0"}, "PROJECTIONS_CONNECTIONS must be a number from 1"),
        ({"PROJECTIONS_WAIT_SECONDS": "nan"}, "PROJECTIONS_WAIT_SECONDS must be a number"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(told: dict[str, str], words: str) -> None:
    dsn = {"PROJECTIONS_DSN": "a"} if told else {}
    with pytest.raises(CannotStart, match=words) as refused:
        from_environment(dsn | told)
    assert "\n" not in refused.value.detail
