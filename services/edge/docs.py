"""The docs page: every operation of the OpenAPI document as plain HTML, nothing from other hosts."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#eee;padding:.1rem .3rem}h2{margin-top:2rem}td{padding:.2rem .8rem .2rem 0;"
    "vertical-align:top}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}"
    "code{background:#333}a{color:#9cf}}"
)


def router() -> APIRouter:
    """Serve /docs."""
    routes = APIRouter()

    @routes.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        app: FastAPI = request.app
        return HTMLResponse(page(app.openapi()))

    return routes


def page(openapi: dict[str, Any]) -> str:
    """Return an OpenAPI document as one page of HTML."""
    info = openapi["info"]
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(info['title'])}</title>"
        f"<style>{_STYLE}</style><h1>{escape(info['title'])} {escape(info['version'])}</h1>"
        f"<p>{escape(info.get('description', ''))}</p>"
        "<p>The whole document: <a href=openapi.json>openapi.json</a>.</p>"
        f"{''.join(_section(tag, rows) for tag, rows in _by_tag(openapi).items())}</html>"
    )


def _by_tag(openapi: dict[str, Any]) -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            row = (method.upper(), path, operation.get("summary", ""))
            found.setdefault(tag, []).append(row)
    return found


def _section(tag: str, rows: list[tuple[str, str, str]]) -> str:
    lines = "".join(
        f"<tr><td>{method}<td><code>{escape(path)}</code><td>{escape(summary)}"
        for method, path, summary in rows
    )
    return f"<h2>{escape(tag)}</h2><table>{lines}</table>"
