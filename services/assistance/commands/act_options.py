"""Options of acts on payment lists and recoveries, and how they are read."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from assistance.payment_months.freezing import Ask
from ledger.ids import new_id
from ledger.payment_months.receiving import Sender
from projections.payment_lists import computing
from projections.projections import AsOf, Projections

ListId = Annotated[UUID, typer.Argument(metavar="LIST", help="The list's id.")]
NewList = Annotated[
    UUID | None, typer.Option("--list", help="The id of the new list; default: a new one.")
]
RecoveryId = Annotated[UUID, typer.Argument(metavar="RECOVERY", help="The recovery's id.")]
Actor = Annotated[str, typer.Option("--actor", help="The id of who acts.")]
Key = Annotated[
    str | None,
    typer.Option("--key", help="The same key gets the first answer again; default: a new one."),
]
DecidedOn = Annotated[
    str | None, typer.Option("--decided-on", help="The day of the act, YYYY-MM-DD; default: today.")
]
IfVersion = Annotated[
    int | None,
    typer.Option(
        "--if-version", help="Only if this is still its version, as `show` told it.", min=0
    ),
]
Reason = Annotated[str, typer.Option("--reason", help="The reason, a code.")]
Note = Annotated[str | None, typer.Option("--note", help="The reason in words.")]
LegalBasis = Annotated[
    str, typer.Option("--legal-basis", help="The article or rule on which it rests.")
]
Kind = Annotated[
    str,
    typer.Option("--kind", help="monthly, help_first, temporary_aid, area_grant or reissue."),
]
ListArea = Annotated[str | None, typer.Option("--area", help="The code of the area to list.")]
ListMonth = Annotated[str | None, typer.Option("--month", help="The month to list, YYYY-MM.")]
Grant = Annotated[
    str | None, typer.Option("--grant", help="Of kind area_grant: the AreaGrantAdopted fact.")
]
Reissues = Annotated[
    UUID | None, typer.Option("--reissues", help="Of kind reissue: the list whose lines failed.")
]

_ACTOR = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,118}[\x21-\x7e])?", re.ASCII)
_YUAN = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,2}))?", re.ASCII)


def sender(
    actor: str, key: str | None, decided_on: str | None, if_version: int | None = None
) -> Sender:
    """Return who acts and how; BadParameter says what cannot be read."""
    if not _ACTOR.fullmatch(actor):
        raise typer.BadParameter("--actor takes 1 to 120 printable ASCII characters.")
    if key is not None and not 1 <= len(key) <= 200:
        raise typer.BadParameter("--key takes 1 to 200 characters.")
    return Sender(actor, key or str(new_id()), day(decided_on, "--decided-on"), if_version)


def day(text: str | None, option: str) -> date | None:
    """Read a day; BadParameter names the option."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{option} takes a day, YYYY-MM-DD.") from None


def fen(text: str, option: str) -> int:
    """Read an amount in yuan, `1290` or `1290.50`, as fen; BadParameter names the option."""
    found = _YUAN.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{option} takes yuan, written like 1290.00.")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def asked(
    kind: str, area: str | None, month: str | None, programme: str | None, grant: str | None,
    reissues: UUID | None,
) -> Ask:  # fmt: skip
    """Return how the list is asked for that the options describe; BadParameter for an unknown kind."""
    if kind not in computing.KINDS:
        raise typer.BadParameter(f"--kind takes {', '.join(computing.KINDS)}.")
    named: computing.Kind = kind

    def ask(projections: Projections, as_of: AsOf) -> computing.Asked:
        return computing.asked_for(
            projections, as_of, named, area, month, programme, grant, reissues
        )

    return ask
