"""`recovery order`, `receive`, `waive`, `list`, and `overpayments`: what was overpaid, and got back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import typer

from assistance import settings
from assistance.asking import asked
from assistance.commands.act_options import (
    Actor,
    DecidedOn,
    IfVersion,
    Key,
    LegalBasis,
    Note,
    Reason,
    RecoveryId,
    fen,
    sender,
)
from assistance.commands.list_acts import tell
from assistance.commands.options import Data, Json, KnownAt, Position, Programme, instant
from assistance.payment_months import recovering
from assistance.payment_months.open_cell import both_services
from assistance.payment_months.recovering import Order
from assistance.showing import plain, say, show, write_json
from ledger.answers import Accepted
from ledger.money import yuan
from ledger.payment_months.receiving import Sender
from projections.payment_lists import computing
from projections.payment_lists import lists as on_record
from projections.projections import first_of_month, month_text

GROUNDS = ("fraud", "kept_after_decision", "paid_after_death", "other")
RECOVERY_COLUMNS = (
    "recovery", "household", "ground", "ordered_on", "ordered_fen", "received_fen", "waived_fen",
    "balance_fen",
)  # fmt: skip
OVERPAID_COLUMNS = (
    "household", "area", "month", "entitled_fen", "listed_fen", "received_fen", "overpaid_fen",
)  # fmt: skip

Amount = Annotated[str, typer.Option("--amount", help="How much, in yuan: 300.00.")]
OfArea = Annotated[str, typer.Option("--area", help="An area's code; what lies inside it too.")]
UpTo = Annotated[str | None, typer.Option("--month", help="Up to this month; default: this month.")]


def register(app: typer.Typer, group: typer.Typer) -> None:
    """Add the commands to the command line and to the group `recovery`."""
    for command in (order, receive, waive):
        group.command(command.__name__)(command)
    group.command("list")(list_recoveries)
    app.command("overpayments")(overpayments)


def overpayments(
    area: OfArea, month: UpTo = None, data: Data = None, programme: Programme = None,
    position: Position = None, known_at: KnownAt = None, json: Json = False,
) -> None:  # fmt: skip
    """What is overpaid, by household and month: candidates, on each of which a person decides."""
    with asked(settings.read(data), position, instant(known_at)) as (projections, as_of):
        wanted = computing.monthly(area, month or month_text(projections.today()), programme)
        rows = computing.overpayments(projections, wanted, as_of)
        show(map(plain, rows), json=json, title="Overpaid", columns=OVERPAID_COLUMNS)


def order(
    household: Annotated[UUID, typer.Argument(metavar="HOUSEHOLD", help="The household's id.")],
    actor: Actor,
    ground: Annotated[str, typer.Option("--ground", help=f"{', '.join(GROUNDS[:-1])} or other.")],
    legal_basis: LegalBasis,
    part: Annotated[
        list[str] | None,
        typer.Option("--part", help="A month and how much of it, 2026-07=620.00; several may stand."),
    ] = None,
    area: Annotated[
        str | None, typer.Option("--area", help="Without --part: all that is overpaid in this area.")
    ] = None,
    month: UpTo = None, note: Note = None,
    recovery: Annotated[
        UUID | None, typer.Option("--recovery", help="Its id; default: a new one.")
    ] = None,
    data: Data = None, decided_on: DecidedOn = None, key: Key = None, json: Json = False,
) -> None:  # fmt: skip
    """Order what was overpaid to be paid back, on a ground: the months given, or all that is open."""
    if ground not in GROUNDS:
        raise typer.BadParameter(f"--ground takes {', '.join(GROUNDS)}.")
    if not part and area is None:
        raise typer.BadParameter("Give --part for each month, or --area for all that is overpaid.")
    by, parts = sender(actor, key, decided_on), _parts(part or ())
    with both_services(settings.read(data)) as both:
        if not parts:
            until = month or month_text(both.projections.today())
            parts = recovering.overpaid(both, household, area or "", until, both.now())
        asked_for = Order(household, ground, legal_basis, note)
        ordered = recovering.order(both, asked_for, parts, by, recovery)
    if json:
        write_json({**ordered._asdict(), "accepted": ordered.accepted.written})
    else:
        say(f"Ordered recovery {ordered.recovery}: {yuan(sum(parts.values()))} yuan.")


def _parts(given: Sequence[str]) -> dict[str, int]:
    parts: dict[str, int] = {}
    for one in given:
        month, _, amount = one.partition("=")
        if month_text(first_of_month(month, "--part")) in parts:
            raise typer.BadParameter(f"--part names {month} twice.")
        parts[month] = fen(amount, "--part")
    return parts


def receive(
    recovery: RecoveryId, amount: Amount, actor: Actor, data: Data = None,
    decided_on: DecidedOn = None, if_version: IfVersion = None, key: Key = None, json: Json = False,
) -> None:  # fmt: skip
    """Record an instalment that came in; it fills the oldest month first."""
    by = sender(actor, key, decided_on, if_version)
    said = {"recovery": recovery, "amount_fen": fen(amount, "--amount")}
    accepted = _record(data, "ReceiveRecovery", said, by)
    tell(accepted, f"Received {amount} yuan on recovery {recovery}.", json=json)


def waive(
    recovery: RecoveryId, amount: Amount, actor: Actor, reason: Reason, legal_basis: LegalBasis,
    data: Data = None, decided_on: DecidedOn = None, if_version: IfVersion = None, key: Key = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Waive part of what was ordered back: it is not asked for any more."""
    by = sender(actor, key, decided_on, if_version)
    said = {
        "recovery": recovery, "amount_fen": fen(amount, "--amount"), "reason": reason,
        "legal_basis": legal_basis,
    }  # fmt: skip
    accepted = _record(data, "WaiveRecovery", said, by)
    tell(accepted, f"Waived {amount} yuan of recovery {recovery}.", json=json)


def _record(data: Data, command: str, said: dict[str, Any], by: Sender) -> Accepted:
    with both_services(settings.read(data)) as both:
        return both.record(command, said, by)


def list_recoveries(
    household: Annotated[UUID | None, typer.Option("--household", help="Of one alone.")] = None,
    data: Data = None, position: Position = None, known_at: KnownAt = None, json: Json = False,
) -> None:  # fmt: skip
    """What is being got back: ordered, received, waived, and the balance."""
    with asked(settings.read(data), position, instant(known_at)) as (projections, as_of):
        rows = on_record.recoveries(projections, as_of, household)
        show(map(plain, rows), json=json, title="Recoveries", columns=RECOVERY_COLUMNS)
