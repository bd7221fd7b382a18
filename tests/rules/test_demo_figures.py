"""The demo's commands come to the published figures, by a computation of the test's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import pytest

from assistance.demo import LIVES, PUBLISHED, PUBLISHED_LIVES, commands, life
from assistance.demo.published import Published, PublishedLife
from ledger.months import shift

Data = dict[str, Any]


class Acts(NamedTuple):
    """The demo's commands, sorted for the test."""

    standards: list[Data]
    households: dict[str, list[tuple[str, Data]]]
    grants: list[Data]


@lru_cache(maxsize=1)
def acts() -> Acts:
    """Read the commands once."""
    found = Acts([], defaultdict(list), [])
    for envelope in commands():
        command, data = envelope["command"], envelope["data"]
        if command == "AdoptStandard":
            found.standards.append(data)
        elif command == "GrantTemporaryAid":
            found.grants.append(data)
        elif data.get("effective"):
            found.households[envelope.get("subject", "")].append((command, data))
    return found


def months(first: str, last: str) -> Iterator[str]:
    """Yield the months from `first` to `last`."""
    while first <= last:
        yield first
        first = shift(first, 1)


class Standing(NamedTuple):
    """What a household is on a roll with, in one month."""

    since: str
    area: str
    programme: str
    persons: int
    fen: int


def standing(stream: str, month: str) -> Standing | None:
    """Return how a household stands in a month, or None when it is on no roll."""
    enrolled: Data | None = None
    members: set[str] = set()
    income = 0
    deferred: str | None = None
    for command, data in sorted(acts().households[stream], key=lambda act: act[1]["effective"]):
        if data["effective"] > month:
            break
        if command == "EnrolHousehold":
            enrolled, members = data, {m["person"] for m in data["members"]}
            income = data["income_fen"]
        elif command == "ExitHousehold":
            enrolled = None
        elif command in ("RemoveMember", "RecordDeath"):
            members.discard(data["person"])
        if command == "StartGracePeriod":
            deferred = data["effective"]
        elif command in ("RemoveMember", "ReassessIncome"):
            before, income = income, data["income_fen"]
    if enrolled is None:
        return None
    if deferred:
        income = before
    return Standing(
        enrolled["effective"],
        enrolled["area"],
        enrolled["programme"],
        len(members),
        due(enrolled, len(members), income, month),
    )


def due(enrolled: Data, persons: int, income: int, month: str) -> int:
    """Return a month's amount in fen, all members being covered."""
    standard = standard_for(enrolled["area"], enrolled["programme"], month)
    if standard["mode"] == "tiered":
        return int(persons * standard["tiers"][enrolled["tier"]])
    if standard["mode"] == "full":
        care = standard["care"][enrolled["members"][0]["self_care"]]
        return int(persons * (standard["by_care_form"][enrolled["care_form"]] + care))
    parts = 12 if standard["period"] == "year" else 1
    numerator = max(0, persons * standard["amount_fen"] - parts * income)
    return int((2 * numerator + parts) // (2 * parts))


@lru_cache(maxsize=4096)
def standard_for(area: str, programme: str, month: str) -> Data:
    """Return the standard in force: of the nearest area, its own programme's before the unified."""
    for digits in (12, 9, 6, 4, 2):
        for name in (programme, programme.partition(".")[0]):
            found = [
                s
                for s in acts().standards
                if s["area"] == area[:digits] and s["programme"] == name and s["effective"] <= month
            ]
            if len(area) >= digits and found:
                return max(found, key=lambda s: str(s["effective"]))
    raise AssertionError(f"no standard for {programme} in {area} in {month}")


@lru_cache(maxsize=32)
def roll(area: str, month: str) -> tuple[tuple[str, Standing], ...]:
    """Return everybody on a roll in an area and month."""
    inside = [
        stream
        for stream, told in acts().households.items()
        if any(data.get("area", "").startswith(area) for _, data in told)
    ]
    found = ((stream, standing(stream, month)) for stream in inside)
    return tuple((s, at) for s, at in found if at and at.area.startswith(area))


def on_programme(at: Standing, programme: str | None) -> bool:
    """Whether somebody is on a programme; the scheme alone stands for all its kinds."""
    return programme in (at.programme, at.programme.partition(".")[0])


def computed(figure: Published) -> int:
    """Compute a published figure from the commands alone."""
    if figure.programme is None:
        return temporary_aid(figure)
    asked = list(months(figure.first, figure.last))
    if figure.measure.endswith("on_roll"):
        return count(figure, [at for _, at in standings(figure, asked[-1])])
    if figure.measure.startswith("new"):
        new = [at for m in asked for _, at in standings(figure, m) if at.since == m]
        return count(figure, new)
    everybody = [at for m in asked for _, at in standings(figure, m)]
    return sum(at.fen if figure.measure == "amount_fen" else at.persons for at in everybody)


def standings(figure: Published, month: str) -> list[tuple[str, Standing]]:
    """Return the roll that a figure asks for, in one month."""
    return [(s, at) for s, at in roll(figure.area, month) if on_programme(at, figure.programme)]


def count(figure: Published, found: Iterable[Standing]) -> int:
    """Count households or persons, as the figure asks."""
    return sum(1 if "households" in figure.measure else at.persons for at in found)


def temporary_aid(figure: Published) -> int:
    """Compute a figure of temporary assistance, by the days on which it was granted."""
    field = "recipients" if figure.measure.endswith("person_times") else "amount_fen"
    return sum(
        grant.get(field, 1)
        for grant in acts().grants
        if grant["area"].startswith(figure.area)
        and figure.first <= grant["decided_on"][:7] <= figure.last
    )


@pytest.mark.parametrize("figure", PUBLISHED, ids=lambda f: f"{f.place}: {f.what}")
def test_the_published_figure_comes_out(figure: Published) -> None:
    assert figure.equals(computed(figure)), (computed(figure), figure.published)


@pytest.mark.parametrize(
    "figure", [f for f in PUBLISHED if f.place.startswith("Luzhou")], ids=lambda f: str(f.what)
)
def test_luzhou_comes_out_to_the_person_and_the_fen(figure: Published) -> None:
    assert computed(figure) == figure.published


def test_a_figure_off_by_its_precision_is_not_the_published_one() -> None:
    jiyuan = PUBLISHED[-1]
    assert jiyuan.equals(jiyuan.published - jiyuan.precision // 2)
    assert not jiyuan.equals(jiyuan.published + jiyuan.precision // 2)


@pytest.mark.parametrize("figure", PUBLISHED_LIVES, ids=lambda f: f.life)
def test_the_published_amount_of_a_household_comes_out(figure: PublishedLife) -> None:
    at = standing(life(figure.life), figure.month)
    assert at is not None
    assert at.fen == figure.published_fen


@pytest.mark.parametrize(
    ("name", "month", "fen"),
    [
        ("tier-b-family", "2021-06", 1_290_00),
        ("large-medical-bill", "2023-04", 1_268_50),
        ("flooded-village", "2023-09", 868_50),
        ("back-to-work", "2023-02", 854_00),
        ("back-to-work", "2024-01", 504_00),
        ("back-to-work", "2024-06", 504_00),
    ],
)
def test_a_life_leads_to_the_amount_it_tells_of(name: str, month: str, fen: int) -> None:
    at = standing(life(name), month)
    assert at is not None
    assert at.fen == fen


def test_the_one_who_went_back_to_work_is_off_the_roll_at_the_end() -> None:
    assert standing(life("back-to-work"), "2024-08") is None


def test_only_the_tier_b_family_stands_on_a_roll_that_was_published() -> None:
    compared = [
        told.name
        for told in LIVES
        for figure in PUBLISHED
        for month in months(figure.first, figure.last)
        if (at := standing(told.household, month)) and at.area.startswith(figure.area)
    ]
    assert set(compared) == {"tier-b-family"}


def test_no_household_of_luzhou_has_an_income_above_its_standard() -> None:
    for month in ("2023-01", "2023-05", "2023-09"):
        assert all(at.fen > 0 for _, at in roll("140403", month))
