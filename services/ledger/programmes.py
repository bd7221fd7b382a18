"""Programmes, recognitions, levels of government: the coded words that facts share."""

from __future__ import annotations

from typing import Literal

Programme = Literal["dibao.urban", "dibao.rural", "dibao", "tekun.urban", "tekun.rural", "tekun"]
"""A basic roll. `dibao` and `tekun` alone are used where urban and rural are unified."""

Recognition = Literal[
    "marginal",
    "rigid",
    "orphan",
    "unattended_child",
    "hardship_child",
    "severe_disability",
    "left_behind",
    "anti_poverty_monitored",
]
"""A recognition: specialised aid, no monthly cash."""

Level = Literal["village", "town", "county", "prefecture", "province"]
"""A level of government that decides or grants."""

Supplement = Literal["elderly", "minor", "severely_disabled", "seriously_ill"]
"""A class of members for whom there is extra aid (Law 20)."""

SelfCare = Literal["able", "partial", "unable"]
"""Self-care ability, on which the care allowance of tekun depends."""

CareForm = Literal["institutional", "dispersed"]
"""Where a tekun person is supported."""


def scheme(programme: str) -> str:
    """Return the scheme of a programme: `dibao` or `tekun`."""
    return programme.partition(".")[0]
