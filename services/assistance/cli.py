"""The console script `assistance`.

Exit codes: 0 done; 1 a fault of ours; 2 wrong usage; 3 cannot start (database, schema, environment);
4 some lines were rejected; 5 figures differ, or `doctor` found something; 6 nothing is recorded of it.
"""

from __future__ import annotations

import sys

import typer

from assistance.commands import administration, questions, work
from assistance.server_account import EmbeddedPostgresError
from assistance.showing import say
from ledger.errors import CannotStart as LedgerCannotStart
from ledger.errors import LedgerError
from projections.errors import CannotStart as ProjectionsCannotStart
from projections.errors import NotFound, NotYetProjected, ProjectionError

app = typer.Typer(
    help="The assistance ledger: facts in; payment totals, histories and the audit of exits out.",
    epilog=(__doc__ or "").partition("\n\n")[2].replace("\n", " "),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
ledger = typer.Typer(help="The ledger service apart.", no_args_is_help=True)
projections = typer.Typer(help="The projections apart.", no_args_is_help=True)
areas = typer.Typer(help="Area codes, which are reference data.", no_args_is_help=True)
app.add_typer(ledger, name="ledger")
app.add_typer(projections, name="projections")
app.add_typer(areas, name="areas")

work.register(app, ledger, projections)
administration.register(app, areas)
questions.register(app)


def main() -> None:
    """Run the command line; errors of ours become one line and an exit code."""
    try:
        app()
    except (LedgerCannotStart, ProjectionsCannotStart, EmbeddedPostgresError) as error:
        _end(str(error), 3)
    except (NotFound, NotYetProjected) as error:
        _end(str(error), 6)
    except (LedgerError, ProjectionError) as error:
        _end(str(error), 2 if getattr(error, "status", 500) == 422 else 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _end(words: str, code: int) -> None:
    say(f"assistance: {words}")
    sys.exit(code)


if __name__ == "__main__":
    main()
