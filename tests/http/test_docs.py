"""The docs page loads nothing from anywhere, and names every operation."""

import re
from html.parser import HTMLParser

from edge.docs import page
from edge.openapi import operations
from tests.http.running import Running


class Loads(HTMLParser):
    """What a page would load, and where its links go."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note scripts, frames, images, style sheets, and links."""
        given = dict(attrs)
        if tag == "a":
            self.links.append(given.get("href") or "")
        elif tag in {"script", "link", "img", "iframe", "object", "embed"} or "src" in given:
            self.loaded.append(tag)


def test_the_docs_page_loads_nothing(running: Running) -> None:
    answer = running.client.get("/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    seen = Loads()
    seen.feed(answer.text)
    assert seen.loaded == []
    assert "openapi.json" in seen.links
    assert not [link for link in seen.links if ":" in link or link.startswith("//")]
    assert not re.search(r"url\(|@import|https?://", answer.text)


def test_the_docs_page_names_every_operation(running: Running) -> None:
    said = running.client.get("/docs").text
    document = running.client.get("/openapi.json").json()
    for operation, _ in operations(document):
        _, _, path = operation.partition(" ")
        assert f"<code>{path}</code>" in said


def test_what_the_document_says_is_shown_and_not_run() -> None:
    hostile = {
        "info": {"title": "<script>", "version": "1"},
        "paths": {"/<b>": {"get": {"summary": "<i>", "responses": {}, "tags": ["<u>"]}}},
    }
    assert not re.search(r"<(script|i|u)>", page(hostile))
