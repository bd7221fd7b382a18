"""The collector of cycles, let run seldom where many objects are made that hold none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

ALLOCATIONS = 200_000
"""Objects made before the youngest are looked through; Python's default is 700."""


@contextmanager
def seldom() -> Iterator[None]:
    """Look for cycles seldom: facts and streams hold none, and looking took a quarter of an import."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, 10, 10)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
