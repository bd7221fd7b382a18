"""A load generator: so many connections, each sends its next request when the last is answered.

Run as a program: python -m tests.benchmarks.load HOST PORT CONNECTIONS FILE; the file holds requests as
raw bytes, each preceded by its length on a line. Prints requests answered with 2xx, all, and seconds.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path


def read_requests(file: Path) -> list[bytes]:
    """Return the requests of a file."""
    found = []
    with file.open("rb") as source:
        while line := source.readline():
            found.append(source.read(int(line)))
    return found


def write_requests(file: Path, requests: Iterator[bytes]) -> None:
    """Write requests for a run of this program."""
    with file.open("wb") as target:
        for request in requests:
            target.write(b"%d\n" % len(request) + request)


async def _connection(host: str, port: int, requests: Iterator[bytes], counts: list[int]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        counts[head[9:10] == b"2"] += 1
    writer.close()
    await writer.wait_closed()


async def run(
    host: str, port: int, connections: int, requests: list[bytes]
) -> tuple[int, int, float]:
    """Send all requests; return how many were answered with 2xx, how many in all, and the seconds."""
    counts = [0, 0]
    start = time.perf_counter()
    parts = [islice(requests, n, None, connections) for n in range(connections)]
    await asyncio.gather(*(_connection(host, port, part, counts) for part in parts))
    return counts[1], sum(counts), time.perf_counter() - start


def main() -> None:
    """Run as a program."""
    import uvloop

    host, port, connections, file = sys.argv[1:]
    requests = read_requests(Path(file))
    good, total, seconds = uvloop.run(run(host, int(port), int(connections), requests))
    print(good, total, seconds)


if __name__ == "__main__":
    main()
