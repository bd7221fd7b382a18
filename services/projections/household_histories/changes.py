"""What each fact of a history changed: the state before and after it, and the monthly amount.

Before is what was known at the position before the fact's own, after is what was known at its own;
both are of the month from which the fact holds. Amounts come from the one query of
totals/lines.sql, asked for many positions at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from projections import sql
from projections.database import Row
from projections.household_histories.histories import (
    ENROLMENT_REVOKED,
    EXIT_REVOKED,
    Asked,
    chain,
    history,
)
from projections.projections import AsOf, Projections, first_of_month, month_text

FOLDER = "household_histories"
OFF_ROLL: Row = {"on_roll": False, "entitled_fen": 0}

Pair = tuple[date, int]
"""A month, and the position up to which facts are known."""


def full_history(projections: Projections, question: Asked, as_of: AsOf) -> dict[str, Any]:
    """Return a history with `changes` in each fact, the monthly amounts and the chain.

    `changes` has a row for the month from which the fact holds, and one for the month from which
    what it corrects held when that is another; it is empty for facts of procedure. A row has month,
    before, after (states as `state` returns them), changed (the names of what differs),
    entitled_before_fen and entitled_after_fen, fen a month. Raises NotFound.
    """
    told = history(projections, question, as_of)
    add_changes(projections, question, told["facts"], told["facts"])
    return told | sums(projections, question, as_of, told)


def sums(
    projections: Projections, question: Asked, as_of: AsOf, told: dict[str, Any]
) -> dict[str, Any]:
    """Return what a history comes to: the monthly amounts, and the chain of households."""
    return {
        "amounts": amounts(projections, question, as_of, told),
        "chain": chain(projections, question, as_of),
    }


def add_changes(
    projections: Projections, question: Asked, facts: Iterable[Row], known: Sequence[Row]
) -> None:
    """Put `changes` into facts of a history, of which `known` are all."""
    by_id = {fact["id"]: fact for fact in known}
    own = [fact for fact in facts if fact["stream"] == str(question.household)]
    months = {fact["id"]: _months(fact, by_id) for fact in own}
    pairs = [
        (month, fact["position"] - back)
        for fact in own
        for month in months[fact["id"]]
        for back in (1, 0)
    ]
    states = _states(projections, question.household, pairs)
    for fact in facts:
        fact["changes"] = [
            _change(month, fact["position"], states) for month in months.get(fact["id"], ())
        ]


def state(projections: Projections, household: UUID, month: str, as_of: AsOf) -> Row:
    """Return what holds for a household in a month: on_roll, and on the roll also

    spell, programme, area, income_fen, tier, care_form, head, members (in the income test) and
    covered with their ids, suspended, in_grace, and the amount with the standard that it follows
    from; and, on the roll or not, the recognitions in force. Raises BadParameter, and NotFound for
    an unknown household.
    """
    first = first_of_month(month)
    pair = (first, as_of.position)
    found = _states(projections, household, [pair]).get(pair)
    if found is None:
        history(projections, Asked(household), as_of)
    parameters = {"household": household, "position": as_of.position, "last": first}
    rows = projections.rows(FOLDER, "recognitions", parameters)
    return {
        "household": str(household),
        "month": month,
        **(found or OFF_ROLL),
        "recognitions": [row["recognition"] for row in rows],
    }


def amounts(
    projections: Projections, question: Asked, as_of: AsOf, told: dict[str, Any]
) -> list[Row]:
    """Return the monthly amounts, a row for each span of months in which they follow from the same.

    `to` is the first month after the span, null when it goes on; entitled_fen is fen a month.
    Changes of standards and policies show here, which are no facts of the household.
    """
    if not told["spells"]:
        return []
    known = [fact["effective"] for fact in told["facts"] if fact["effective"]]
    last = month_text(question.until or projections.today())
    last = last if question.until else max(last, *known)
    parameters = question.parameters(as_of) | {
        "first": first_of_month(told["spells"][0]["from"]),
        "last": first_of_month(last),
        "area": None,
        "programme": None,
    }
    rows = projections.rows(FOLDER, "amounts", parameters)
    return _joined(rows, told["spells"])


def _months(fact: Row, by_id: dict[str, Row]) -> list[date]:
    """Return the months from which a fact, and what it corrects or revokes, hold."""
    named = [fact["id"], fact["corrects"]]
    if fact["type"] in (EXIT_REVOKED, ENROLMENT_REVOKED):
        named.append(fact["data"].get("exit") or fact["data"].get("enrolment"))
    found = (by_id[other]["effective"] for other in named if other in by_id)
    return [first_of_month(month) for month in dict.fromkeys(found) if month]


@cache
def _states_text() -> bytes:
    """The folder's `states`, asked for many months and positions: its parameters become columns."""
    text = sql.query(FOLDER, "states")
    for parameter, column in (
        (b"position", b"known_at"),
        (b"first", b"month"),
        (b"last", b"month"),
    ):
        text = text.replace(b"%(" + parameter + b")s", b"asked." + column)
    return (
        b"select asked.number, answer.* from unnest(%(months)s::date[], %(positions)s::bigint[])"
        b" with ordinality as asked (month, known_at, number) cross join lateral ("
        + text
        + b") as answer"
    )


def _states(projections: Projections, household: UUID, pairs: Sequence[Pair]) -> dict[Pair, Row]:
    """Return the states of a household on a roll, by month and position."""
    unique = sorted(set(pairs))
    if not unique:
        return {}
    parameters = {
        "household": household,
        "area": None,
        "programme": None,
        "months": [month for month, _ in unique],
        "positions": [position for _, position in unique],
    }
    with (
        projections.database.reading() as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        rows = cursor.execute(_states_text(), parameters).fetchall()
    return {unique[row.pop("number") - 1]: _state(row) for row in rows}


def _state(row: Row) -> Row:
    row.pop("month")
    row["head"] = row["head"] and str(row["head"])
    for persons in ("persons_tested", "persons_covered"):
        row[persons] = [str(person) for person in row[persons] or ()]
    return {"on_roll": True, **row}


def _change(month: date, position: int, states: dict[Pair, Row]) -> Row:
    before = states.get((month, position - 1), OFF_ROLL)
    after = states.get((month, position), OFF_ROLL)
    return {
        "month": month_text(month),
        "before": before,
        "after": after,
        "changed": [key for key in {**before, **after} if before.get(key) != after.get(key)],
        "entitled_before_fen": before["entitled_fen"],
        "entitled_after_fen": after["entitled_fen"],
    }


def _joined(rows: Iterable[Row], spells: Sequence[Row]) -> list[Row]:
    """Join spans that follow on one another and are alike; the last of an open spell goes on."""
    told: list[Row] = []
    for row in rows:
        span = row | {"from": month_text(row["from"]), "to": month_text(row.pop("until"))}
        alike = told and all(
            told[-1][key] == span[key] for key in span if key not in ("from", "to")
        )
        if alike and told[-1]["to"] == span["from"]:
            told[-1]["to"] = span["to"]
        else:
            told.append(span)
    if told and spells[-1]["to"] is None:
        told[-1]["to"] = None
    return told
