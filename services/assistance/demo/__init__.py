"""The demo: a deterministic stream of commands that comes to what real places published.

Totals are published, households are synthetic and solved to them; README.md says what is assumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from assistance.demo import jiyuan, luzhou, standards, tekun, temporary
from assistance.demo.envelopes import Envelope
from assistance.demo.lives import LIVES, life
from assistance.demo.places import AREAS_CSV
from assistance.demo.published import PUBLISHED, PUBLISHED_LIVES
from assistance.demo.telling import tell

__all__ = ["AREAS_CSV", "LIVES", "PUBLISHED", "PUBLISHED_LIVES", "commands", "life"]


def commands() -> Iterator[Envelope]:
    """Yield every command of the demo, ready to import after the areas of `AREAS_CSV`.

    In the order of the days on which they were decided: standards before who needs them, each
    household's acts in their own order, so that an earlier position knows what was known then.
    The same commands, ids and idempotency keys in every run; a second import changes nothing.
    """
    yield from sorted(
        chain(
            standards.area_commands(),
            luzhou.dibao(),
            tekun.tekun(),
            temporary.temporary_aid(),
            temporary.alerts(),
            jiyuan.jiyuan(),
            chain.from_iterable(map(tell, LIVES)),
        ),
        key=lambda envelope: str(envelope["data"]["decided_on"]),
    )
