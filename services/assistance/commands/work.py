"""`serve`, `demo`, `import`, and the services apart."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from assistance import demonstration, month_end, serving, settings
from assistance.asking import catch_up
from assistance.cell import opened
from assistance.commands.kafka import kafka_settings, speak, until_told
from assistance.commands.options import Data, Json
from assistance.importing import Report, import_lines
from assistance.payment_months.open_cell import services_of
from assistance.showing import progress, say, write_json
from edge import metrics_server
from edge.settings import Metrics
from ledger import app as ledger_app
from ledger.ledger import Ledger
from ledger.settings import Settings as LedgerSettings
from projections import app as projections_app
from projections.runner import Runner
from projections.settings import (
    asks_cells_alone,
    cells_file,
    cells_settings,
    from_environment,
)
from projections.topic.cells import read_cells
from projections.topic.rebuilding import rebuild as rebuild_from_topic
from projections.topic.worker import Worker


class Source(StrEnum):
    """Where the projections' facts come from: the ledger's view, or the events topic."""

    feed = "feed"
    kafka = "kafka"


Host = Annotated[str, typer.Option("--host", help="The address to listen on.")]
Port = Annotated[int, typer.Option("--port", help="The port to listen on.", min=1, max=65535)]


def register(app: typer.Typer, ledger: typer.Typer, projections: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("serve")(serve)
    app.command("demo")(demo)
    app.command("import")(import_file)
    ledger.command("serve")(ledger_serve)
    projections.command("serve")(projections_serve)
    projections.command("run")(projections_run)
    projections.command("rebuild")(projections_rebuild)


def serve(
    data: Data = None,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    hints: Annotated[
        bool, typer.Option("--hints", help="Say what to open, with lines that work.")
    ] = False,
) -> None:
    """Serve the ledger and the projections on one port, until Ctrl-C."""
    with opened(settings.read(data)) as cell:
        app = serving.both(cell)
        if hints:
            demonstration.hints(f"http://{host}:{port}")
        serving.serve(app, host, port)


def demo(data: Data = None, json: Json = False) -> None:
    """Load the demo, compare what is computed with what places published, and take it to a month's end."""
    configured = settings.read(data)
    with opened(configured) as cell:
        demonstration.load(cell, configured.data / "demo.rejected.ndjson")
        equal = demonstration.figures(cell, json=json)
        if not json:
            demonstration.tell_lives(cell)
        with services_of(cell) as both:
            with progress("month's end"):
                month_end.run(both, configured.data)
            equal &= month_end.show_all(both, json=json)
    raise typer.Exit(0 if equal else 5)


def import_file(
    file: Annotated[Path, typer.Argument(help="NDJSON, a command a line; - reads standard input.")],
    data: Data = None,
    actor: Annotated[
        str | None, typer.Option("--actor", help="Who acts, where a line names nobody.")
    ] = None,
    rejected: Annotated[
        Path | None, typer.Option("--rejected", help="Where refused lines go.")
    ] = None,
    json: Json = False,
) -> None:
    """Import command lines; running it again resumes it. Refused lines go to FILE.rejected.ndjson."""
    to = rejected or _rejected_of(file)
    with opened(settings.read(data)) as cell, closing(Ledger(cell.ledger)) as ledger:
        with progress("importing") as bar:
            source = _open(file)
            with source:
                report = import_lines(
                    ledger, source, to, actor, lambda n: bar.advance(bar.task_ids[0], n)
                )
        catch_up(cell)
    _tell(report, json=json)
    raise typer.Exit(4 if report.rejected else 0)


def _open(file: Path) -> BinaryIO:
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}.") from None


def _rejected_of(file: Path) -> Path:
    name = "standard-input" if str(file) == "-" else file.name
    folder = Path() if str(file) == "-" else file.parent
    return folder / f"{name.removesuffix('.ndjson')}.rejected.ndjson"


def _tell(report: Report, *, json: bool) -> None:
    if json:
        write_json(report)
        return
    say(
        f"{report.accepted:,} lines accepted ({report.before:,} of them before), "
        f"{report.facts:,} facts recorded, {report.rejected:,} rejected."
    )
    if report.rejected_file:
        say(f"Why, line by line: {report.rejected_file}")


def ledger_serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the ledger alone, on the database of LEDGER_DSN."""
    serving.serve(ledger_app.build(LedgerSettings.read()), host, port)


def projections_serve(host: Host = "127.0.0.1", port: Port = 8001) -> None:
    """Serve the projections alone, on the database of PROJECTIONS_DSN; without it, over PROJECTIONS_CELLS."""
    environment = settings.read().environment
    app = (
        projections_app.build_for_cells(cells_settings(environment))
        if asks_cells_alone(environment)
        else projections_app.build(from_environment(environment))
    )
    serving.serve(app, host, port)


def projections_run(
    source: Annotated[
        Source,
        typer.Option("--source", help="Where facts come from; kafka: for PROJECTIONS_CELLS."),
    ] = Source.feed,
) -> None:
    """Keep the projections up with the ledger, until Ctrl-C or SIGTERM."""
    environment = settings.read().environment
    if source is Source.kafka:
        _run_from_kafka(environment)
        return
    configured = from_environment(environment)
    projections_app.prepare(configured)
    with Runner(configured.dsn, configured.feed_dsn, configured.batch) as runner:
        runner.run(until_told())


def projections_rebuild(
    cell: Annotated[
        str | None,
        typer.Option("--cell", help="Its name; all of PROJECTIONS_CELLS, when left out."),
    ] = None,
    json: Json = False,
) -> None:
    """Make projections that come from Kafka anew, from the start of the topic, and swap them."""
    environment = settings.read().environment
    cells, kafka = read_cells(cells_file(environment)), kafka_settings(environment)
    chosen = [one for one in cells if cell in (None, one.name)]
    if not chosen:
        raise typer.BadParameter(
            f"There is no cell {cell}; there are {', '.join(c.name for c in cells)}."
        )
    facts = {one.name: rebuild_from_topic(one, kafka) for one in chosen}
    if json:
        write_json({"facts": facts})
    else:
        for name, count in facts.items():
            say(f"{name}: {count:,} facts projected anew.")


def _run_from_kafka(environment: Mapping[str, str]) -> None:
    speak()
    cells, kafka = read_cells(cells_file(environment)), kafka_settings(environment)
    projections_app.prepare_cells(cells, kafka)
    worker = Worker(cells, kafka)
    with metrics_server.serving(Metrics.read(environment), worker.not_ready, worker.measures):
        worker.run(until_told())
