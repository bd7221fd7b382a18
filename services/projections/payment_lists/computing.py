"""What is to be paid, computed: a list's document, byte for byte the same wherever it is computed.

A list is asked for by its kind, area, programme and month; at a position it has one document. The
calculation has a version: when a formula is corrected it gets another number, and the old one stays, so
that a list can always be computed again as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec
import psycopg

from projections import sql
from projections.database import Row
from projections.errors import BadParameter, NotFound
from projections.projections import AsOf, Projections, first_of_month, month_text
from projections.totals.totals import PROGRAMMES, is_area

Kind = Literal["monthly", "help_first", "temporary_aid", "area_grant", "reissue"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CALCULATION = 1
"""The version of the calculation by which new lists are computed."""

_GRANTS = {
    "help_first": ["assistance.EmergencyAidGranted.v1", "assistance.AidInstalmentGranted.v1"],
    "temporary_aid": ["assistance.TemporaryAidGranted.v1", "assistance.FuneralAidGranted.v1"],
}


@dataclass(frozen=True)
class Asked:
    """A list as it is asked for: for an area and a month, of one programme or all.

    `area_grant` is the id of an AreaGrantAdopted fact, `reissues` a list of which lines failed.
    """

    kind: Kind
    area: str
    month: date
    programme: str | None = None
    area_grant: str | None = None
    reissues: UUID | None = None
    calculation: int = CALCULATION


@dataclass(frozen=True)
class Summary:
    """What a document comes to: its lines, the sum of their amounts in fen, SHA-256 of its bytes."""

    lines: int
    total_fen: int
    document: str
    lists_version: int


def monthly(area: str, month: str, programme: str | None = None) -> Asked:
    """Ask for a month's list; BadParameter says what cannot be read."""
    if not is_area(area):
        raise BadParameter("`area` must have 2, 4, 6, 9 or 12 digits.", parameter="area")
    if programme is not None and programme not in PROGRAMMES:
        raise BadParameter(
            f"`programme` must be one of {', '.join(PROGRAMMES)}.", parameter="programme"
        )
    return Asked("monthly", area, first_of_month(month), programme)


def of_grants(kind: str, area: str, month: str) -> Asked:
    """Ask for the help-first or temporary aid granted up to the end of a month and not yet listed."""
    if kind not in _GRANTS:
        raise BadParameter("`kind` must be help_first or temporary_aid here.", parameter="kind")
    asked = monthly(area, month)
    return Asked("help_first" if kind == "help_first" else "temporary_aid", area, asked.month)


def of_area_grant(projections: Projections, area: str | None, grant: str, as_of: AsOf) -> Asked:
    """Ask for the list of an area grant, for the grant's whole area or one inside; NotFound if none."""
    found = _area_grant(projections, grant, as_of)
    asked = monthly(area or found["area"], month_text(found["effective"]))
    return Asked("area_grant", asked.area, asked.month, area_grant=found["grant_id"])


def of_failed_lines(projections: Projections, failed: UUID, as_of: AsOf) -> Asked:
    """Ask for the lines of a list that failed, to be issued again; NotFound when there is no such list."""
    rows = projections.rows("payment_lists", "list", {"list": failed, "position": as_of.position})
    if not rows:
        raise NotFound(f"There is no list {failed}.")
    row = rows[0]
    return Asked("reissue", row["area"], row["month"], row["programme"], reissues=failed)


def asked_for(
    projections: Projections, as_of: AsOf, kind: Kind, area: str | None, month: str | None,
    programme: str | None, grant: str | None, reissues: UUID | None,
) -> Asked:  # fmt: skip
    """Ask for a list of any kind; BadParameter names what the kind needs, or what cannot be read."""
    if kind == "area_grant":
        return of_area_grant(projections, area, grant or "", as_of)
    if kind == "reissue":
        if reissues is None:
            raise BadParameter(
                "`reissues` must name the list with failed lines.", parameter="reissues"
            )
        return of_failed_lines(projections, reissues, as_of)
    if area is None or month is None:
        raise BadParameter(
            "`area` and `month` are required.", parameter="month" if area else "area"
        )
    if kind == "monthly":
        return monthly(area, month, programme)
    return of_grants(kind, area, month)


def as_frozen(row: Row) -> Asked:
    """Ask for a list once more as a row of `lists` says that it was frozen."""
    return Asked(
        row["kind"], row["area"], row["month"], row["programme"], row["area_grant"],
        row["reissues"], row["calculation"],
    )  # fmt: skip


def document(projections: Projections, asked: Asked, as_of: AsOf) -> Iterator[bytes]:
    """Yield the canonical bytes of a list's document: a head, a line each, and what they come to.

    Raises BadParameter for a calculation that this release does not know.
    """
    if asked.calculation != CALCULATION:
        raise BadParameter(
            f"The list was computed by calculation {asked.calculation}; this release knows "
            f"{CALCULATION}. Verify it with the release that has it."
        )
    yield _head(projections, asked, as_of)
    name, parameters = _QUERIES[asked.kind](projections, asked, as_of)
    with projections.database.reading(many=True) as connection:
        cursor = psycopg.ClientCursor(connection)
        text = b"copy (" + sql.query("payment_lists", name) + b") to stdout"
        with cursor.copy(text, _shared(asked, as_of) | parameters) as lines:
            for part in lines:
                yield bytes(part)


def _shared(asked: Asked, as_of: AsOf) -> dict[str, Any]:
    return {
        "position": as_of.position, "first": asked.month, "last": asked.month,
        "of_area": asked.area, "of_programme": asked.programme, "area": None, "programme": None,
        "household": None, "kind": asked.kind, "on": None,
    }  # fmt: skip


def summarise(projections: Projections, asked: Asked, as_of: AsOf) -> Summary:
    """Compute a list and return what its document comes to."""
    digest, last = hashlib.sha256(), b""
    for part in document(projections, asked, as_of):
        digest.update(part)
        last = part
    end = msgspec.json.decode(last.rstrip(b"\n").rpartition(b"\n")[2])
    version = lists_version(projections, as_of)
    return Summary(end["lines"], end["total_fen"], digest.hexdigest(), version)


def lists_version(projections: Projections, as_of: AsOf) -> int:
    """Return the version of the cell's stream of lists: a freeze and a recovery have to name it."""
    (row,) = projections.rows("payment_lists", "lists_version", {"position": as_of.position})
    return int(row["version"])


def first_listed(projections: Projections, as_of: AsOf) -> date | None:
    """Return the earliest month that any area lists, or None while none has said so."""
    (row,) = projections.rows(
        "payment_lists", "first_listed_anywhere", {"position": as_of.position}
    )
    found: date | None = row["first"]
    return found


def _head(projections: Projections, asked: Asked, as_of: AsOf) -> bytes:
    head: dict[str, Any] = {"document": "payment_list", "kind": asked.kind, "area": asked.area}
    if asked.programme:
        head["programme"] = asked.programme
    head |= {
        "month": month_text(asked.month), "position": as_of.position,
        "lists_version": lists_version(projections, as_of), "calculation": asked.calculation,
    }  # fmt: skip
    if asked.reissues:
        head["reissues"] = str(asked.reissues)
    if asked.area_grant:
        head["grant"] = asked.area_grant
    return msgspec.json.encode(head) + b"\n"


Query = tuple[str, dict[str, Any]]


def _monthly(projections: Projections, asked: Asked, as_of: AsOf) -> Query:
    # Before any place lists, the list is empty: its range of months then has to start somewhere.
    first = first_listed(projections, as_of) or asked.month
    return "monthly_document", {"first": min(first, asked.month)}


def _of_grants(projections: Projections, asked: Asked, as_of: AsOf) -> Query:
    return "grants_document", {"types": _GRANTS[asked.kind]}


def _of_area_grant(projections: Projections, asked: Asked, as_of: AsOf) -> Query:
    found = _area_grant(projections, asked.area_grant or "", as_of)
    names = ("rolls", "per", "amount_fen", "head", "area")
    wanted = {name: found[name] for name in names}
    return "area_grant_document", {**wanted, "area_grant": found["grant_id"], "roll": None}


def _of_failed_lines(projections: Projections, asked: Asked, as_of: AsOf) -> Query:
    return "reissue_document", {"reissues": asked.reissues}


_QUERIES: dict[str, Callable[[Projections, Asked, AsOf], Query]] = {
    "monthly": _monthly,
    "help_first": _of_grants,
    "temporary_aid": _of_grants,
    "area_grant": _of_area_grant,
    "reissue": _of_failed_lines,
}


def _area_grant(projections: Projections, grant: str, as_of: AsOf) -> Row:
    stream, _, version = grant.partition(":")
    try:
        asked = {"stream": UUID(stream), "version": int(version), "position": as_of.position}
    except ValueError as error:
        raise BadParameter(
            "`grant` must be the id of an AreaGrantAdopted fact.", parameter="grant"
        ) from error
    rows = projections.rows("payment_lists", "area_grant", asked)
    if not rows:
        raise NotFound(f"There is no area grant {grant}.")
    return rows[0]


def overpayments(
    projections: Projections, asked: Asked, as_of: AsOf, after: UUID | None = None
) -> Iterator[Row]:
    """Yield what is overpaid up to a month, by household and month: candidates for a recovery.

    `overpaid_fen` is what the formula leaves open below zero: neither ordered back nor offset.
    """
    first = first_listed(projections, as_of) or asked.month
    parameters = _shared(asked, as_of) | {"first": min(first, asked.month), "after": after}
    return projections.stream("payment_lists", "overpayments", parameters)
