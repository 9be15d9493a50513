"""Small pages of the engine's own, shown when there is no web app to serve."""

from __future__ import annotations

import html

from imjoy.server.routes import Receive, Scope, Send

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>ImJoy</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem;
color:#1b1f24;background:#fff}}@media(prefers-color-scheme:dark){{body{{color:#e6e6e6;
background:#16181b}}}}</style></head>
<body><h1>The engine runs, but there is no page</h1><p>{text}</p></body></html>
"""


class NoApp:
    """Answers every request for the app with what is missing and how to get it."""

    def __init__(self, text: str) -> None:
        self._body = _PAGE.format(text=html.escape(text)).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["path"] in ("/", "/index.html")
        body = self._body if is_page else b"There is no such file."
        headers = [
            (b"content-type", b"text/html; charset=utf-8" if is_page else b"text/plain"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        status = 503 if is_page else 404
        await send({"type": "http.response.start", "status": status, "headers": headers})
        sent = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": sent})
