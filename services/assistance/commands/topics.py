"""`topics apply`: the topics as deploy/kafka/topics.yaml declares them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistance import settings
from assistance.commands.kafka import kafka_settings
from assistance.commands.options import Json
from assistance.showing import say, show
from edge.kafka.consuming import KAFKA_ERRORS
from edge.kafka.topics import TopicsFileError, apply, read_topics
from ledger.errors import CannotStart


def register(topics: typer.Typer) -> None:
    """Add the command to the command line."""
    topics.callback()(_about)
    topics.command("apply")(topics_apply)


def _about() -> None:
    """The topics of Kafka."""


def topics_apply(
    file: Annotated[
        Path, typer.Argument(help="YAML: a list of name, partitions, replication, configs.")
    ] = Path("deploy/kafka/topics.yaml"),
    replication: Annotated[
        int | None, typer.Option("--replication", help="Replicas, whatever the file says.", min=1)
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say what differs; change nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Make the topics that are missing, and bring settings in line; partitions are never changed."""
    kafka = kafka_settings(settings.read().environment)
    try:
        changes = apply(kafka, read_topics(file), replication=replication, look=check)
    except TopicsFileError as error:
        raise typer.BadParameter(str(error)) from None
    except KAFKA_ERRORS as error:
        raise CannotStart(f"Kafka does not make the topics: {error}") from None
    if changes or json:
        show([change._asdict() for change in changes], json=json, title="Topics")
    else:
        say("The topics are as declared.")
    raise typer.Exit(0 if all(change.done for change in changes) else 5)
