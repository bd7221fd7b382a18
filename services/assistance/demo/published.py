"""What the places published about themselves, and how to ask the projections for the same.

Only here do totals stand, to be compared with; no command holds one.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Measure = Literal[
    "person_times",
    "amount_fen",
    "new_households",
    "new_persons",
    "households_on_roll",
    "persons_on_roll",
    "temporary_aid_person_times",
    "temporary_aid_fen",
]
"""person_times, amount_fen (entitled), new_* and temporary_aid_*: over all months asked for;
*_on_roll: in the last month asked for."""

LUZHOU = "140403"
JIYUAN = "419001"
FIRST, LAST = "2023-01", "2023-09"


class Published(NamedTuple):
    """One published figure, in fen or heads, and the question that it answers."""

    place: str
    what: str
    published: int
    precision: int
    """The figure's last digit that counts: a computed one equals it when it rounds to it."""
    area: str
    programme: str | None
    """`dibao` and `tekun` ask for the whole scheme: unified, urban and rural."""
    first: str
    last: str
    measure: Measure

    def equals(self, computed: int) -> bool:
        """Whether a computed figure is the published one at its precision (half up)."""
        return (computed + self.precision // 2) // self.precision * self.precision == self.published


def _luzhou(what: str, published: int, programme: str | None, measure: Measure) -> Published:
    precision = 100 if measure.endswith("_fen") else 1
    return Published(
        "Luzhou district, January to September 2023",
        what,
        published,
        precision,
        LUZHOU,
        programme,
        FIRST,
        LAST,
        measure,
    )


def _jiyuan(what: str, published: int, precision: int, measure: Measure) -> Published:
    place = "Jiyuan, 2021"
    return Published(
        place, what, published, precision, JIYUAN, "dibao", "2021-01", "2021-12", measure
    )


URBAN_PERSON_TIMES = _luzhou("urban dibao, person-times", 51_800, "dibao.urban", "person_times")
URBAN_AMOUNT = _luzhou("urban dibao, amount", 30_703_124_00, "dibao.urban", "amount_fen")
URBAN_NEW_HOUSEHOLDS = _luzhou("urban dibao, new households", 149, "dibao.urban", "new_households")
URBAN_NEW_PERSONS = _luzhou("urban dibao, new persons", 223, "dibao.urban", "new_persons")
RURAL_PERSON_TIMES = _luzhou("rural dibao, person-times", 16_747, "dibao.rural", "person_times")
RURAL_AMOUNT = _luzhou("rural dibao, amount", 10_009_148_00, "dibao.rural", "amount_fen")
RURAL_NEW_HOUSEHOLDS = _luzhou("rural dibao, new households", 64, "dibao.rural", "new_households")
RURAL_NEW_PERSONS = _luzhou("rural dibao, new persons", 108, "dibao.rural", "new_persons")
ROLL_HOUSEHOLDS = _luzhou(
    "dibao roll in September, households", 4_878, "dibao", "households_on_roll"
)
ROLL_PERSONS = _luzhou("dibao roll in September, persons", 7_328, "dibao", "persons_on_roll")
TEKUN_AMOUNT = _luzhou("tekun, amount", 5_212_599_00, "tekun", "amount_fen")
AID_PERSON_TIMES = _luzhou(
    "temporary assistance, person-times", 2_056, None, "temporary_aid_person_times"
)
AID_AMOUNT = _luzhou("temporary assistance, amount", 2_493_300_00, None, "temporary_aid_fen")
JIYUAN_HOUSEHOLDS = _jiyuan("dibao roll, households", 5_567, 1, "households_on_roll")
JIYUAN_PERSONS = _jiyuan("dibao roll, persons", 10_524, 1, "persons_on_roll")
JIYUAN_AMOUNT = _jiyuan(
    "dibao, amount of a year, to 10,000", 38_060_000_00, 10_000_00, "amount_fen"
)

PUBLISHED: tuple[Published, ...] = (
    URBAN_PERSON_TIMES,
    URBAN_AMOUNT,
    URBAN_NEW_HOUSEHOLDS,
    URBAN_NEW_PERSONS,
    RURAL_PERSON_TIMES,
    RURAL_AMOUNT,
    RURAL_NEW_HOUSEHOLDS,
    RURAL_NEW_PERSONS,
    ROLL_HOUSEHOLDS,
    ROLL_PERSONS,
    TEKUN_AMOUNT,
    AID_PERSON_TIMES,
    AID_AMOUNT,
    JIYUAN_HOUSEHOLDS,
    JIYUAN_PERSONS,
    JIYUAN_AMOUNT,
)
"""Every comparison that the demo prints, in the order in which it prints them."""


class PublishedLife(NamedTuple):
    """A published monthly amount of one household, and the life that leads to it."""

    life: str
    what: str
    month: str
    published_fen: int


PUBLISHED_LIVES: tuple[PublishedLife, ...] = (
    PublishedLife("tier-b-family", "tier B, three persons, from 2018-11", "2018-11", 1_290_00),
    PublishedLife("after-a-stroke", "a month after the stroke", "2022-05", 1_360_00),
    PublishedLife("marginal-to-dibao", "a month once on dibao", "2023-07", 2_344_00),
)
"""The household amounts that places published; each is asked for in the month given."""
