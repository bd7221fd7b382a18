"""Health and measures of a process that serves nothing else: /livez, /readyz, /metrics."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from edge.measures import MEDIA_TYPE, Measure, text
from edge.settings import Metrics

_PLAIN = "text/plain; charset=utf-8"


@contextmanager
def serving(
    settings: Metrics | None,
    not_ready: Callable[[], str | None],
    measures: Callable[[], Iterable[Measure]],
) -> Iterator[int | None]:
    """Serve for the time of a `with` block, unless there are no settings; yields the port.

    Raises OSError when the port is taken.
    """
    if settings is None:
        yield None
        return
    handler = _handler(not_ready, measures)
    with ThreadingHTTPServer((settings.host, settings.port), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def _handler(
    not_ready: Callable[[], str | None], measures: Callable[[], Iterable[Measure]]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._say(200, text(measures()), MEDIA_TYPE)
            elif self.path == "/livez":
                self._say(200, "alive\n")
            elif self.path == "/readyz":
                missing = not_ready()
                self._say(*((200, "ready\n") if missing is None else (503, f"{missing}\n")))
            else:
                self._say(404, "There are /livez, /readyz and /metrics.\n")

        def _say(self, status: int, words: str, kind: str = _PLAIN) -> None:
            body = words.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing of requests."""

    return Handler
