"""How the command line shows answers: a table for people, a line of JSON a row with --json."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ledger.money import yuan
from projections.projections import month_text

WIDE = 240
"""Columns where there is no terminal to say how many it has."""

OUT = Console(highlight=False, soft_wrap=True)
if not OUT.is_terminal:
    OUT.width = WIDE
ERR = Console(stderr=True, highlight=False, soft_wrap=True)


def show(
    rows: Iterable[Mapping[str, Any]], *, json: bool, title: str = "", columns: Sequence[str] = ()
) -> int:
    """Write rows; return how many there were. Amounts in `_fen` are shown in yuan to people."""
    count = 0
    if json:
        for row in rows:
            write_json(row)
            count += 1
        return count
    shown = list(rows)
    names = [
        n
        for n in columns or (shown[0] if shown else ())
        if any(r.get(n) is not None for r in shown)
    ]
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in names:
        right = any(_is_figure(row.get(name)) for row in shown)
        table.add_column(
            name.removesuffix("_fen").replace("_", "\n"),
            justify="right" if right else "left",
            no_wrap=not any(" " in _cell(name, row.get(name)) for row in shown),
        )
    for row in shown:
        table.add_row(*(_cell(name, row.get(name)) for name in names))
    if shown:
        _print_whole(table)
    else:
        OUT.print(f"{title}: nothing" if title else "Nothing.")
    return len(shown)


def _print_whole(table: Table) -> None:
    """Print a table, wider than the terminal where a figure or an id would be cut: sentences wrap."""
    least = OUT.measure(table, options=OUT.options.update(max_width=WIDE)).minimum
    before = OUT.width
    OUT.width = max(before, least)
    OUT.print(table)
    OUT.width = before


def _is_figure(value: object) -> bool:
    number = isinstance(value, int) and not isinstance(value, bool)
    return number or (isinstance(value, str) and value.replace(",", "").replace(".", "").isdigit())


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if name.endswith("_fen") and isinstance(value, int):
        return yuan(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    return f"{value:,}" if isinstance(value, int) else str(value)


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write months as YYYY-MM and leave what else there is as it is."""
    return {
        key: month_text(value)
        if key in ("month", "since", "returned") and isinstance(value, date)
        else value
        for key, value in row.items()
    }


def write_json(value: object) -> None:
    """Write one value as a line of JSON."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


def say(words: str) -> None:
    """Write words for people to standard error, where they do not mix with answers."""
    ERR.print(words, markup=False, soft_wrap=True)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Progress]:
    """Show a bar on standard error, on a terminal only; the task's id is 0."""
    bar = Progress(
        TextColumn(what), BarColumn(), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn(),
        console=ERR, transient=True, disable=not ERR.is_terminal,
    )  # fmt: skip
    with bar:
        bar.add_task(what, total=total)
        yield bar
