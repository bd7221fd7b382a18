"""`preview`: what commands that are not sent yet would change; nothing is recorded."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, BinaryIO, get_args

import msgspec
import typer
from msgspec.structs import replace

from assistance import settings
from assistance.commands.options import Data, Json
from assistance.payment_months.open_cell import both_services
from assistance.showing import progress, say, show, write_json
from ledger.commands import MAX_BODY, read_line
from ledger.errors import LedgerError, TooLarge
from ledger.ledger import Ledger
from ledger.money import yuan
from ledger.months import shift
from projections.previews import previews
from projections.totals.totals import Level

MOST_COMMANDS = 1_000
Commands = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", dir_okay=False, help="Command lines, as for `import`; - is standard input."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("preview")(preview)


def preview(
    file: Commands, data: Data = None,
    actor: Annotated[
        str | None, typer.Option("--actor", help="Who acts, where a line names nobody.")
    ] = None,
    month: Annotated[
        str | None, typer.Option("--month", help="Of the roll; default: the first month changed.")
    ] = None,
    first: Annotated[str | None, typer.Option("--from", help="First month of households.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last month of households.")] = None,
    by: Annotated[
        str, typer.Option("--by", help="The level of the areas: province to village.")
    ] = "county",
    json: Json = False,
) -> None:  # fmt: skip
    """What commands not sent yet would change: the roll and its cost, or a household's months."""
    level = next((one for one in get_args(Level) if one == by), None)
    if level is None:
        raise typer.BadParameter(f"--by takes {', '.join(get_args(Level))}.")
    wanted = previews.wanted(month, first, last, level)
    with (
        both_services(settings.read(data)) as both,
        _open(file) as source,
        progress("trying"),
    ):
        facts = list(tried(both.ledger, source, actor))
        both.now()
        found = previews.preview(both.projections, facts, wanted)
    if json:
        write_json(found)
    else:
        _tell(found)


def tried(ledger: Ledger, source: BinaryIO, actor: str | None) -> Iterator[dict[str, Any]]:
    """Yield the facts that each command line would become, each tried on what is on record.

    Raises the LedgerError of the first line that is refused, TooLarge for more than MOST_COMMANDS.
    """
    number = 0
    while line := source.readline(MAX_BODY + 1):
        if not line.strip():
            continue
        number += 1
        if number > MOST_COMMANDS:
            raise TooLarge(f"At most {MOST_COMMANDS} commands are tried together.")
        (outcome,) = ledger.process([replace(read_line(line.rstrip(), actor), dry_run=True)])
        if isinstance(outcome, LedgerError):
            say(f"Command {number} would be refused:")
            raise outcome
        yield from msgspec.json.decode(msgspec.json.encode(outcome.written.facts))


def _open(file: Path) -> BinaryIO:
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}.") from None


def _tell(found: Mapping[str, Any]) -> None:
    if found["roll"]:
        _tell_roll(found["roll"])
    for grant in found["area_grants"]:
        persons = "" if grant["persons"] is None else f"{grant['persons']:,} persons, "
        say(
            f"Area grant ({grant['head']}) in {grant['area']}, {grant['month']}: {grant['households']:,} "
            f"households, {persons}{yuan(grant['total_fen'])} yuan."
        )
    if listed := found["list"]:
        say(f"The list of {listed['area']} for {listed['month']}:")
        show(_sides(listed), json=False)
    rows = list(_households(found["households"]))
    if rows:
        show(rows, json=False, title=f"Households touched: {found['households_touched']:,}")
    elif not (found["roll"] or found["area_grants"] or listed):
        say("No amount changes.")


def _tell_roll(roll: Mapping[str, Any]) -> None:
    show(_sides(roll), json=False, title=f"The roll of {roll['month']}")
    say(
        f"{yuan(roll['change_fen'])} yuan a month: {roll['gain']:,} households gain, {roll['lose']:,} lose "
        f"({roll['to_zero']:,} all of it), {roll['same']:,} stay as they are."
    )
    show(
        ({"from_fen": band["from_fen"], "to_fen": band["to_fen"], "households": band["households"],
          "change_fen": band["change_fen"]} for band in roll["bands"] if band["households"]),
        json=False, title="By how much a month",
    )  # fmt: skip
    show(
        ({"area": one["area"], "households": one["after"]["households"],
          "before_fen": one["before"]["entitled_fen"], "after_fen": one["after"]["entitled_fen"],
          "change_fen": one["change_fen"]} for one in roll["areas"]),
        json=False, title=f"By {roll['level']}",
    )  # fmt: skip


def _sides(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return ({"": name, **found[name]} for name in ("before", "after"))


def _households(found: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each span of months in which a household's amount, or what is open, changes."""
    for one in found:
        for what, months in (("entitled", one["months"]), ("open", one["open_parts"])):
            for first, last, before, after in _spans(months):
                yield {
                    "household": one["household"], "what": what, "from": first, "to": last,
                    "before_fen": before, "after_fen": after,
                }  # fmt: skip


def _spans(months: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, int, int]]:
    """Return first and last month, and fen before and after, of months that follow and change alike."""
    spans: list[tuple[str, str, int, int]] = []
    for row in months:
        month, amounts = row["month"], (row["fen_before"], row["fen_after"])
        if amounts[0] == amounts[1]:
            continue
        if spans and (shift(spans[-1][1], 1), *spans[-1][2:]) == (month, *amounts):
            spans[-1] = (spans[-1][0], month, *amounts)
        else:
            spans.append((month, month, *amounts))
    return spans
