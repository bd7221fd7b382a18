"""`totals`, `roll`, `history`, `exits`, `outstanding`, `leads`, `alerts`, `assistance-list`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, get_args
from uuid import UUID

import typer

from assistance import settings
from assistance.asking import asked
from assistance.commands.options import (
    Area,
    Data,
    First,
    Json,
    KnownAt,
    Last,
    Position,
    Programme,
    instant,
)
from assistance.showing import OUT, plain, show, write_json
from ledger.money import yuan
from projections.alerts import alerts as alert_questions
from projections.assistance_lists import assistance_lists
from projections.exits import exits as exit_questions
from projections.help_first import help_first
from projections.household_histories import changes, histories, telling
from projections.leads import leads as lead_questions
from projections.payment_lists import lists as payment_lists
from projections.payment_lists.lists import Measure
from projections.projections import AsOf, Projections, first_of_month, month_text
from projections.rolls import rolls
from projections.totals import totals as total_questions
from projections.totals.totals import Scope

Limit = Annotated[
    int | None, typer.Option("--limit", help="At most so many rows; all, when left out.", min=1)
]
By = Annotated[
    list[str] | None,
    typer.Option("--by", help="month, programme, or an area level: county, town, village."),
]
On = Annotated[
    str | None, typer.Option("--on", help="The day on which it is looked at; default: today.")
]
Household = Annotated[UUID, typer.Argument(help="The household's id.")]


# What a person sees, few enough for a terminal of 80 columns; --json has everything.
LINE_COLUMNS = (
    "household", "month", "programme", "covered", "members", "income_fen", "entitled_fen",
)  # fmt: skip
MEASURED_COLUMNS = ("household", "month", "programme", "amount_fen", "list")
ROLL_COLUMNS = (
    "month", "area", "roll", "households", "persons", "new_persons", "left_persons",
    "proactive_persons",
)  # fmt: skip
MEMBER_COLUMNS = ("household", "area", "roll", "since", "income_fen", "members")
EXIT_COLUMNS = (
    "household", "programme", "month", "reason", "hearing", "notified_on", "last_fen", "returned",
)  # fmt: skip
EXIT_COUNT_COLUMNS = (
    "month", "reason", "exits", "persons", "unheard", "unnotified", "returned", "rate",
)  # fmt: skip
OUTSTANDING_COLUMNS = (
    "grant_id", "area", "cause", "granted_on", "amount_fen", "due_on", "overdue_working_days",
)  # fmt: skip
ALERT_COLUMNS = ("alert_id", "area", "kind", "urgency", "open_for_days", "household")
REFERRAL_COLUMNS = ("referral_id", "department", "need", "open_for_days", "household", "answer")
LIST_COLUMNS = ("department", "policy", "form", "quantity", "unit")


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (totals, roll, history, exits, outstanding, leads, alerts):
        app.command(command.__name__)(command)
    app.command("assistance-list")(assistance_list)


def totals(
    data: Data = None, area: Area = None, programme: Programme = None, first: First = None,
    last: Last = None, by: By = None, position: Position = None, known_at: KnownAt = None,
    lines: Annotated[bool, typer.Option("--lines", help="The lines behind the figures.")] = False,
    measure: Annotated[
        str, typer.Option("--measure", help="Of --lines: entitled, listed or paid.")
    ] = "entitled",
    json: Json = False,
) -> None:  # fmt: skip
    """Households, persons and person-times; what they are entitled to, what was listed, what paid."""
    with asked(settings.read(data), position, instant(known_at)) as (projections, as_of):
        begin, end = months(projections.today, first, last)
        scope = total_questions.scope(begin, end, area, programme)
        if lines:
            _show_lines(projections, scope, as_of, measure, json=json)
            return
        groups = set(by or [])
        rows = total_questions.totals(
            projections, scope, as_of, by_month="month" in groups, by_programme="programme" in groups,
            by_level=level_of(groups),
        )  # fmt: skip
        show(
            map(plain, rows),
            json=json,
            title=f"{begin} to {end}, as of position {as_of.position:,}",
        )


def _show_lines(
    projections: Projections, scope: Scope, as_of: AsOf, measure: str, *, json: bool
) -> None:
    """Show the lines behind a measure of the totals."""
    if measure == "entitled":
        rows = total_questions.lines(projections, scope, as_of)
        show(map(plain, rows), json=json, columns=LINE_COLUMNS)
        return
    chosen = next((one for one in get_args(Measure) if one == measure), None)
    if chosen is None:
        raise typer.BadParameter("--measure takes entitled, listed or paid.")
    found = map(plain, payment_lists.measured_lines(projections, scope, as_of, chosen))
    show(found if json else ({**row, "amount_fen": row["fen"]} for row in found), json=json,
         columns=MEASURED_COLUMNS)  # fmt: skip


def roll(
    data: Data = None, area: Area = None,
    name: Annotated[str | None, typer.Option("--roll", help="A programme or a recognition.")] = None,
    first: First = None, last: Last = None, by: By = None, position: Position = None,
    known_at: KnownAt = None,
    members: Annotated[bool, typer.Option("--members", help="The households on the roll.")] = False,
    limit: Limit = None, json: Json = False,
) -> None:  # fmt: skip
    """Households and persons on each roll by month; new, left, found proactively."""
    with asked(settings.read(data), position, instant(known_at)) as (projections, as_of):
        begin, end = months(projections.today, first, last)
        scope = rolls.scope(begin, end, area, name)
        if members:
            show(map(plain, rolls.members(projections, scope, as_of, limit=limit)), json=json,
                 columns=MEMBER_COLUMNS)  # fmt: skip
            return
        rows = rolls.counts(projections, scope, as_of, by_level=level_of(set(by or [])))
        show(
            map(plain, rows),
            json=json,
            title=f"{begin} to {end}, as of position {as_of.position:,}",
            columns=ROLL_COLUMNS,
        )


def history(
    household: Household, data: Data = None, position: Position = None, known_at: KnownAt = None,
    month: Annotated[str | None, typer.Option("--month", help="Up to this month, YYYY-MM.")] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """What happened to a household: every fact in order, what it changed, what it led to."""
    with asked(settings.read(data), position, instant(known_at)) as (projections, as_of):
        question = histories.asked(household, month)
        told = changes.full_history(projections, question, as_of)
    if json:
        write_json(told)
        return
    for line in telling.tell(told):
        OUT.print(line, markup=False)


def exits(
    data: Data = None, area: Area = None, programme: Programme = None, first: First = None,
    last: Last = None, position: Position = None, known_at: KnownAt = None,
    counts: Annotated[bool, typer.Option("--counts", help="Counts by reason and month.")] = False,
    limit: Limit = None, json: Json = False,
) -> None:  # fmt: skip
    """Who left the rolls, when, why, on what basis, heard and notified; who returned."""
    with asked(settings.read(data), position, instant(known_at)) as (projections, as_of):
        begin, end = months(projections.today, first, last)
        scope = total_questions.scope(begin, end, area, programme)
        rows: Iterator[Mapping[str, Any]] = (
            iter(exit_questions.counts(projections, scope, as_of, by_month=True, by_reason=True))
            if counts
            else exit_questions.exits(projections, scope, as_of, limit=limit)
        )
        show(map(plain, rows), json=json, title=f"Exits, {begin} to {end}",
             columns=EXIT_COUNT_COLUMNS if counts else EXIT_COLUMNS)  # fmt: skip


def outstanding(
    data: Data = None, area: Area = None, on: On = None, position: Position = None,
    known_at: KnownAt = None, limit: Limit = None, json: Json = False,
) -> None:  # fmt: skip
    """Help-first aid whose paperwork is due, and for how many working days."""
    with asked(settings.read(data), position, instant(known_at)) as (projections, as_of):
        question = help_first.asked(projections, _day(on), area)
        rows = help_first.outstanding(projections, question, as_of, limit=limit)
        show(map(plain, rows), json=json, title="Paperwork outstanding",
             columns=OUTSTANDING_COLUMNS)  # fmt: skip


def leads(
    code: Annotated[str | None, typer.Argument(help="A lead's code; their counts, when left out.")] = None,
    data: Data = None, area: Area = None, on: On = None, position: Position = None,
    known_at: KnownAt = None, limit: Limit = None, json: Json = False,
) -> None:  # fmt: skip
    """What an auditor would ask: findings for people to look at, never automatic exits."""
    with asked(settings.read(data), position, instant(known_at)) as (projections, as_of):
        question = lead_questions.asked(projections, _day(on), area)
        if code is None:
            counted = lead_questions.counts(projections, question, as_of)
            show((plain(c) for c in counted if json or c["leads"]), json=json, title="Leads",
                 columns=("code", "leads", "title"))  # fmt: skip
            return
        rows = lead_questions.leads(projections, code, question, as_of, limit=limit)
        show(map(plain, rows), json=json, title=code,
             columns=("area", "household", "month", "day", "reason"))  # fmt: skip


def alerts(
    data: Data = None, area: Area = None, on: On = None, position: Position = None,
    known_at: KnownAt = None,
    referrals: Annotated[bool, typer.Option("--referrals", help="Open referrals instead.")] = False,
    limit: Limit = None, json: Json = False,
) -> None:  # fmt: skip
    """Open alerts by urgency and age, or open referrals."""
    with asked(settings.read(data), position, instant(known_at)) as (projections, as_of):
        question = alert_questions.asked(projections, _day(on), area)
        ask = alert_questions.referrals if referrals else alert_questions.alerts
        rows = ask(projections, question, as_of, limit=limit)
        show(map(plain, rows), json=json, title="Open referrals" if referrals else "Open alerts",
             columns=REFERRAL_COLUMNS if referrals else ALERT_COLUMNS)  # fmt: skip


def assistance_list(
    household: Household, data: Data = None,
    month: Annotated[str | None, typer.Option("--month", help="YYYY-MM; default: this month.")] = None,
    position: Position = None, known_at: KnownAt = None, json: Json = False,
) -> None:  # fmt: skip
    """What one household receives in a month, policy by policy, department by department."""
    with asked(settings.read(data), position, instant(known_at)) as (projections, as_of):
        of, _ = months(projections.today, month, None)
        found = assistance_lists.assistance_list(projections, household, of, as_of)
    if json:
        write_json(found._asdict())
    else:
        title = f"{household} in {of}: {yuan(found.money_fen)} in money"
        show(map(_in_yuan, found.lines), json=False, title=title, columns=LIST_COLUMNS)


def months(today: Callable[[], date], first: str | None, last: str | None) -> tuple[str, str]:
    """Return the first and the last month of a question: this month, when neither is given."""
    begin = first or last or month_text(today())
    first_of_month(begin, "from")
    return begin, last or begin


def level_of(groups: set[str]) -> Any:
    """Return the one level of areas among groups, or None; BadParameter for what is no group."""
    levels = groups & set(total_questions.DIGITS)
    unknown = groups - set(total_questions.DIGITS) - {"month", "programme"}
    if unknown or len(levels) > 1:
        raise typer.BadParameter("--by takes month, programme, or one of province to village.")
    return next(iter(levels), None)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("--on takes a day, YYYY-MM-DD.") from None


def _in_yuan(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write a line's money as people read it; goods and services have units of their own."""
    if line["unit"] != "fen" or line["quantity"] is None:
        return line
    return {**line, "quantity": yuan(line["quantity"]), "unit": "yuan"}
