"""The errors of the projections, one tree.

    ProjectionError
    |-- BadParameter           422: a month, an area, an instant or another parameter cannot be read
    |-- BadFile                422: a file of accounts or of results is not as it must be, with its lines
    |-- NotFound               404: nothing is recorded of what the question names
    |-- NoCells                404: a question over all cells, and this process was told of none
    |-- NotSent                409: a list is exported once it is approved and its sending recorded
    |-- NotYetProjected        503: the facts up to the wanted position are not projected yet
    |-- Unreachable            503: the projections' database does not answer
    |-- UnknownFactType        the runner met a fact that this version does not know, and stopped
    |-- AlreadyRunning         another runner, or another rebuild, is at work
    |-- NotInstalled           the schemas are missing, or newer than this version
    `-- CannotStart            the process says why in one line and exits non-zero

Each says what was wrong and what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ProjectionError(Exception):
    """Something that the caller should know, with a stable name and a way out."""

    status = 500
    title = "The projections could not answer"
    name = "projection-error"

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class BadParameter(ProjectionError):
    """A parameter of the question cannot be read, or makes no sense."""

    status = 422
    title = "A parameter makes no sense"
    name = "bad-parameter"


class BadFile(ProjectionError):
    """A file of accounts or of payment results is not as it must be; nothing of it was taken.

    `errors` holds {line, detail} of the first lines that are wrong; a value of the file is never repeated.
    """

    status = 422
    title = "A file is not as it must be"
    name = "bad-file"

    def __init__(self, detail: str, errors: Sequence[Mapping[str, Any]] = (), **extra: Any) -> None:
        super().__init__(detail, errors=list(errors) or None, **extra)


class NotFound(ProjectionError):
    """Nothing is recorded of what the question names."""

    status = 404
    title = "Nothing is recorded of this"
    name = "not-found"


class NoCells(ProjectionError):
    """A question over all cells needs to be told of them: PROJECTIONS_CELLS names their file."""

    status = 404
    title = "This process knows of no cells"
    name = "no-cells"


class NotSent(ProjectionError):
    """A list leaves only once it is approved and its sending is on record."""

    status = 409
    title = "The list cannot be exported"
    name = "not-sent"


class NotYetProjected(ProjectionError):
    """The facts up to the wanted position are not projected yet; ask again in a moment."""

    status = 503
    title = "Not projected yet"
    name = "not-yet-projected"

    def __init__(self, wanted: int, position: int) -> None:
        super().__init__(
            f"Position {wanted} is asked for; the projections have come to {position}. "
            "Ask again in a moment.",
            position=position,
        )


class Unreachable(ProjectionError):
    """The projections' database does not answer; nothing is lost, ask again."""

    status = 503
    title = "The projections cannot be read just now"
    name = "unreachable"


class UnknownFactType(ProjectionError):
    """The next facts have a type that this version does not know; what was recorded before is applied."""

    title = "A fact of an unknown type"
    name = "unknown-fact-type"

    def __init__(self, type_: str, position: int) -> None:
        super().__init__(
            f"The fact at position {position} is of type {type_}, which this version does not know. "
            "Everything recorded before it is projected. Install the version that knows the type; "
            "projecting then goes on from there.",
            type=type_,
            position=position,
        )
        self.type = type_
        self.position = position


class AlreadyRunning(ProjectionError):
    """Another runner, or another rebuild, is at work on this database."""

    status = 409
    title = "Already running"
    name = "already-running"


class NotInstalled(ProjectionError):
    """The projections' schemas are missing, or were made by another version."""

    status = 503
    title = "The projections are not installed"
    name = "not-installed"


class CannotStart(ProjectionError):
    """The process cannot start; the detail is the one line that it prints."""

    name = "cannot-start"
