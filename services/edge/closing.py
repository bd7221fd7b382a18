"""What is closed at the end of a `with` block, whatever happens in it."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Closing:
    """Has `close`, and is closed by leaving a `with` block."""

    def close(self) -> None:
        """Let go of what is held."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
