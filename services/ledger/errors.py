"""The errors of the ledger, one tree.

    LedgerError
    |-- Malformed              400/422: the command cannot be read, or has the wrong shape
    |-- BadHeader              400: a header is missing or cannot be read
    |-- TooLarge               413: the body is larger than the edge takes
    |-- WrongMediaType         415: the body is not of the type that the path takes
    |-- NotFound               404: the subject that the command names is not there
    |-- NotAllowed             403: the sending service may not send this, or not for this area
    |-- Refused                409: a rule of the law or of a policy says no
    |-- StaleVersion           412: the subject has moved on since the caller read it
    |-- VersionMissing         428: a change of a subject must name the version it was decided on
    |-- KeyReused              422: the idempotency key was used with another payload
    |-- StillRunning           409: the same command is being decided right now
    |-- Unprocessed            503: the database went away before an answer
    |-- Unreachable            503: the database does not answer a question
    `-- CannotStart            the process says why in one line and exits non-zero

Each says what was wrong, which rule, and what to do next.
"""

from __future__ import annotations

from typing import Any


class LedgerError(Exception):
    """Something that the caller should know, with a stable name and a way out."""

    status = 500
    title = "The ledger could not answer"
    name = "ledger-error"

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class Malformed(LedgerError):
    """The command has the wrong shape: `errors` lists a JSON pointer and a reason each."""

    status = 422
    title = "The command has the wrong shape"
    name = "wrong-shape"


class Unreadable(Malformed):
    """The body cannot be read as JSON at all."""

    status = 400
    title = "The body cannot be read"
    name = "unreadable"


class TooLarge(LedgerError):
    """The body is larger than the edge takes."""

    status = 413
    title = "The body is too large"
    name = "too-large"


class BadHeader(LedgerError):
    """A header that a command needs is missing or cannot be read: `header` names it."""

    status = 400
    title = "A header is missing or cannot be read"
    name = "bad-header"

    def __init__(self, header: str, detail: str) -> None:
        super().__init__(detail, header=header)


class WrongMediaType(LedgerError):
    """The body is not of the type that the path takes, or does not say its type."""

    status = 415
    title = "The body is of a wrong type"
    name = "wrong-media-type"


class NotFound(LedgerError):
    """The subject that the command names is not there."""

    status = 404
    title = "There is no such subject"
    name = "not-found"


class NotAllowed(LedgerError):
    """The sending service may not send this, or not for this area."""

    status = 403
    title = "The sender may not send this"
    name = "not-allowed"


class Refused(LedgerError):
    """A rule says no: `rule` names it, `month` says where it breaks, `way_out` what to do."""

    status = 409
    title = "A rule refuses the command"
    name = "refused"

    def __init__(self, rule: str, detail: str, way_out: str, month: str | None = None) -> None:
        super().__init__(detail, rule=rule, way_out=way_out, month=month)
        self.rule = rule
        self.month = month
        self.way_out = way_out


class StaleVersion(LedgerError):
    """The subject has moved on since the caller read it."""

    status = 412
    title = "The subject has moved on"
    name = "stale-version"


class VersionMissing(LedgerError):
    """A change of a subject must name the version that it was decided on."""

    status = 428
    title = "If-Match is missing"
    name = "version-missing"


class KeyReused(LedgerError):
    """The idempotency key was accepted before, with another payload."""

    status = 422
    title = "The idempotency key was used for something else"
    name = "key-reused"


class StillRunning(LedgerError):
    """The same command is being decided right now."""

    status = 409
    title = "The same command is still running"
    name = "still-running"


class Unprocessed(LedgerError):
    """The database went away before an answer was known; the same key may be tried again."""

    status = 503
    title = "The ledger cannot write just now"
    name = "unprocessed"


class Unreachable(LedgerError):
    """The database does not answer a question just now; nothing is lost."""

    status = 503
    title = "The ledger cannot be read just now"
    name = "unreachable"


class CannotStart(LedgerError):
    """The process cannot start; the detail is the one line that it prints."""

    name = "cannot-start"
