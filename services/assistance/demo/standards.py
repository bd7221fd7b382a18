"""The standards and policies of the demo's areas: a few published ones, the others assumed.

What is assumed says so in `adopted_by` or `instrument`, which travel with the fact.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistance.demo.envelopes import Envelope, area_command
from assistance.demo.published import JIYUAN, LUZHOU

ASSUMED = "assumed for the demo, not published"
PUBLISHED_BY = "the place's own report"
LOUDI = "4313"

LUZHOU_STANDARDS = {"2019-01": 540_00, "2021-01": 600_00, "2022-01": 650_00, "2023-01": 700_00}
"""Assumed: the district's unified dibao standard, fen a month, by the month from which it holds."""

TEKUN_CARE = {"able": 99_00, "partial": 396_00, "unable": 792_00}
"""Assumed: care allowances of 5, 20 and 40 % of a minimum wage of 1,980.00, fen a month."""

JIYUAN_TIERS = {
    "2018-11": {"A": 490_00, "B": 430_00, "C": 340_00, "D": 230_00},
    "2021-01": {"A": 590_00, "B": 430_00, "C": 340_00, "D": 230_00},
}
"""Fen a month. Published: 490.00 and 590.00 as the highest, 430.00 as B of 2018. Others assumed."""


def tekun_basic(month: str) -> dict[str, int]:
    """Return Luzhou's assumed basic tekun standard by care form: 1.3 and 1.43 x dibao's, in fen."""
    dibao = LUZHOU_STANDARDS[month]
    return {"dispersed": dibao * 130 // 100, "institutional": dibao * 143 // 100}


def _standard(
    area: str, programme: str, month: str, mode: str, fen: int, **more: object
) -> Envelope:
    """Return the adoption of a standard, decided on the tenth of the month before."""
    year, number = int(month[:4]), int(month[5:])
    decided = f"{year - 1}-12-10" if number == 1 else f"{year}-{number - 1:02d}-10"
    said = {"period": "month", "adopted_by": ASSUMED, **more}
    return area_command(
        "AdoptStandard",
        f"{area}-{programme}-{month}",
        decided,
        area=area,
        programme=programme,
        effective=month,
        mode=mode,
        amount_fen=fen,
        **said,
    )


def _policy(area: str, setting: str, month: str, value: int) -> Envelope:
    return area_command(
        "AdoptPolicy",
        f"{area}-{setting}",
        f"{int(month[:4]) - 1}-12-12",
        area=area,
        setting=setting,
        value=value,
        effective=month,
        instrument=ASSUMED,
    )


def _luzhou() -> Iterator[Envelope]:
    for month, fen in LUZHOU_STANDARDS.items():
        yield _standard(LUZHOU, "dibao", month, "gap", fen)
        basic = tekun_basic(month)
        yield _standard(
            LUZHOU,
            "tekun",
            month,
            "full",
            basic["dispersed"],
            by_care_form=basic,
            care=TEKUN_CARE,
        )


def _jiyuan() -> Iterator[Envelope]:
    for month, tiers in JIYUAN_TIERS.items():
        adopted = "highest tier as published, the other tiers assumed"
        yield _standard(
            JIYUAN, "dibao", month, "tiered", tiers["A"], tiers=tiers, adopted_by=adopted
        )
    yield _policy(JIYUAN, "help_first.ceiling_fen.town", "2022-01", 3_000_00)


def _loudi() -> Iterator[Envelope]:
    """Loudi's four published standards; from which month they held was not published."""
    amounts = {
        "dibao.urban": ("month", "gap", 602_00),
        "dibao.rural": ("year", "gap", 5_074_00),
        "tekun.urban": ("year", "full", 9_360_00),
        "tekun.rural": ("year", "full", 6_284_20),
    }
    for programme, (period, mode, fen) in amounts.items():
        yield _standard(
            LOUDI,
            programme,
            "2023-01",
            mode,
            fen,
            period=period,
            adopted_by=PUBLISHED_BY,
            instrument="first month assumed",
        )
    yield _policy(LOUDI, "help_first.ceiling_fen.town", "2023-01", 2_000_00)


def area_commands() -> Iterator[Envelope]:
    """Yield the adoptions of every standard and policy that the demo needs."""
    yield from _luzhou()
    yield from _jiyuan()
    yield from _loudi()
