"""The console script `assistance`.

Exit codes: 0 done; 1 a fault of ours; 2 wrong usage; 3 cannot start (database, schema, environment);
4 refused by a rule: a command, or some lines of an import; 5 figures or bytes differ, a list is
disputed, or `doctor` found something; 6 nothing is recorded of it; 7 somebody was first: look again.
"""

from __future__ import annotations

import sys

import psycopg
import typer

from assistance.commands import (
    administration,
    cells,
    comparing,
    explaining,
    kafka,
    list_acts,
    lists,
    previewing,
    questions,
    recoveries,
    topics,
    work,
)
from assistance.payment_months.approving import Disputed
from assistance.server_account import EmbeddedPostgresError
from assistance.showing import say
from edge.kafka.consuming import KAFKA_ERRORS
from edge.settings import BadSetting
from ledger.errors import CannotStart as LedgerCannotStart
from ledger.errors import LedgerError, Refused, StaleVersion, VersionMissing
from ledger.errors import NotFound as NoSubject
from projections.errors import CannotStart as ProjectionsCannotStart
from projections.errors import NotFound, NotSent, NotYetProjected, ProjectionError

app = typer.Typer(
    help="The assistance ledger: facts in; payment totals, histories and the audit of exits out.",
    epilog=(__doc__ or "").partition("\n\n")[2].replace("\n", " "),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
ledger = typer.Typer(help="The ledger service apart.", no_args_is_help=True)
projections = typer.Typer(help="The projections apart.", no_args_is_help=True)
areas = typer.Typer(help="Area codes, which are reference data.", no_args_is_help=True)
payment_lists = typer.Typer(help="Payment lists: compute, freeze, approve, send, record what came of it.",
                            no_args_is_help=True)  # fmt: skip
recovery = typer.Typer(help="Overpayments that are got back.", no_args_is_help=True)
senders = typer.Typer(help="Which service may send what over Kafka.", no_args_is_help=True)
dead_letters = typer.Typer(help="Messages that could not be read.", no_args_is_help=True)
app.add_typer(ledger, name="ledger")
kafka_topics = typer.Typer(help="The topics of Kafka.", no_args_is_help=True)
all_cells = typer.Typer(help="What all cells answer together.", no_args_is_help=True)
app.add_typer(all_cells, name="cells")
app.add_typer(senders, name="senders")
app.add_typer(kafka_topics, name="topics")
app.add_typer(dead_letters, name="dead-letters")
app.add_typer(projections, name="projections")
app.add_typer(areas, name="areas")
app.add_typer(payment_lists, name="list")
app.add_typer(recovery, name="recovery")

work.register(app, ledger, projections)
administration.register(app, areas)
kafka.register(ledger, senders, dead_letters)
topics.register(kafka_topics)
questions.register(app)
cells.register(all_cells)
explaining.register(app)
comparing.register(app)
previewing.register(app)
lists.register(payment_lists)
list_acts.register(payment_lists)
recoveries.register(app, recovery)


def main() -> None:
    """Run the command line; errors of ours become one line and an exit code."""
    try:
        app()
    except (LedgerCannotStart, ProjectionsCannotStart, EmbeddedPostgresError, BadSetting) as error:
        _end(str(error), 3)
    except psycopg.Error as error:
        _end(f"The database does not do it: {_first_line(error)}", 3)
    except KAFKA_ERRORS as error:
        _end(f"Kafka does not do it: {_first_line(error)}", 3)
    except Refused as error:
        _end(f"{error} ({error.rule}) {error.way_out}", 4)
    except NotSent as error:
        _end(str(error), 4)
    except Disputed as error:
        _end(str(error), 5)
    except (NotFound, NoSubject, NotYetProjected) as error:
        _end(str(error), 6)
    except (StaleVersion, VersionMissing) as error:
        _end(str(error), 7)
    except (LedgerError, ProjectionError) as error:
        _say_each(error)
        _end(str(error), 2 if getattr(error, "status", 500) == 422 else 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _end(str(error), 1)


def _say_each(error: LedgerError | ProjectionError) -> None:
    """Name each line of a file that is wrong, where there are several."""
    wrong = error.extra.get("errors") or ()
    if len(wrong) > 1:
        for one in wrong:
            say(f"line {one['line']}: {one['detail']}" if "line" in one else str(one["detail"]))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]


def _end(words: str, code: int) -> None:
    say(f"assistance: {words}")
    sys.exit(code)


if __name__ == "__main__":
    main()
