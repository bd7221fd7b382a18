"""The docs page: every operation of an OpenAPI document as plain HTML, nothing from other hosts."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""The browser is told as well that the page needs nothing but its own style."""

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
code,pre{font:14px/1.4 ui-monospace,monospace;background:#f2f2f0;border-radius:4px}
code{padding:.1rem .3rem}pre{padding:.7rem;overflow:auto}
nav a{margin-right:1rem}h2{margin-top:2.5rem;border-bottom:1px solid #ccc;text-transform:capitalize}
details{margin:.4rem 0}summary{cursor:pointer}details>div{margin:.4rem 0 1rem 1.2rem}
b{display:inline-block;min-width:3.4rem;font:700 13px ui-monospace,monospace;color:#245}
.post{color:#a40}table{border-collapse:collapse}td{padding:.15rem 1rem .15rem 0;vertical-align:top}
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}code,pre{background:#222}
a{color:#9cf}b{color:#9bd}.post{color:#fa6}h2{border-color:#444}}
"""


def router() -> APIRouter:
    """Serve /docs."""
    routes = APIRouter()

    @routes.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        app: FastAPI = request.app
        return HTMLResponse(page(app.openapi()), headers={"Content-Security-Policy": POLICY})

    return routes


def page(openapi: dict[str, Any]) -> str:
    """Return an OpenAPI document as one page of HTML."""
    info, tags = openapi["info"], _by_tag(openapi)
    title = escape(info["title"])
    links = "".join(f'<a href="#{_anchor(tag)}">{escape(tag)}</a>' for tag in tags)
    sections = "".join(_section(tag, found) for tag, found in tags.items())
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style><h1>{title} {escape(info['version'])}</h1>"
        f"<p>{escape(info.get('description', ''))}</p>"
        '<p>For programs: <a href="openapi.json">openapi.json</a>.</p>'
        f"<nav>{links}</nav>{sections}</html>"
    )


Operation = tuple[str, str, dict[str, Any]]


def _by_tag(openapi: dict[str, Any]) -> dict[str, list[Operation]]:
    found: dict[str, list[Operation]] = {}
    for path, methods in sorted(openapi["paths"].items()):
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            found.setdefault(tag, []).append((method, path, operation))
    return dict(sorted(found.items()))


def _anchor(tag: str) -> str:
    return escape(tag.replace(" ", "-"))


def _section(tag: str, found: list[Operation]) -> str:
    return f'<h2 id="{_anchor(tag)}">{escape(tag)}</h2>' + "".join(
        _operation(*one) for one in found
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = (
        _words(operation.get("description", "")),
        _parameters(operation.get("parameters", [])),
        _example("Body", operation.get("requestBody", {}).get("content", {})),
        *(_answer(status, one) for status, one in operation["responses"].items()),
    )
    return (
        f'<details><summary><b class="{method}">{method.upper()}</b><code>{escape(path)}</code> '
        f"{escape(operation.get('summary', ''))}</summary><div>{''.join(parts)}</div></details>"
    )


def _words(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code><td>{one['in']}"
        f"{', required' if one.get('required') else ''}<td>{escape(one.get('description', ''))}"
        for one in parameters
    )
    return f"<table>{rows}</table>" if rows else ""


def _answer(status: str, response: dict[str, Any]) -> str:
    if status.startswith("2"):
        return _example(f"Answer {status}", response.get("content", {}))
    return ""


def _example(title: str, content: dict[str, Any]) -> str:
    shown = next((one["example"] for one in content.values() if "example" in one), None)
    if shown is None:
        return ""
    text = shown if isinstance(shown, str) else json.dumps(shown, indent=2, ensure_ascii=False)
    return f"<p>{title}:</p><pre>{escape(text)}</pre>"
