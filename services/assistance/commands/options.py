"""Options that the commands share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ledger.errors import Malformed

Data = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder; ASSISTANCE_DATA, or ./data.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
Area = Annotated[
    str | None, typer.Option("--area", help="An area's code; it takes in every code inside it.")
]
Programme = Annotated[
    str | None, typer.Option("--programme", help="`dibao` takes in dibao.urban and dibao.rural.")
]
First = Annotated[
    str | None, typer.Option("--from", help="First month, YYYY-MM; default: this month.")
]
Last = Annotated[str | None, typer.Option("--to", help="Last month, YYYY-MM; default: as --from.")]
Position = Annotated[
    int | None, typer.Option("--position", help="Only facts up to this position count.")
]
KnownAt = Annotated[
    str | None,
    typer.Option("--known-at", help="An instant, e.g. 2026-07-11T00:00:00Z: what was known then."),
]


def instant(text: str | None) -> datetime | None:
    """Read --known-at; Malformed when it is no instant with a zone."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Malformed(
            "--known-at takes an instant with a zone, e.g. 2026-07-11T00:00:00Z."
        ) from None
