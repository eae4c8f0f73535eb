"""Who may come in: programs of this machine that know the token."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from agent.errors import SettingsError

VARIABLE = "MNEME_SERVE_TOKEN"
LOCAL = ("127.0.0.1", "localhost", "[::1]")
AT_ONCE = 32
"""Requests in hand; more are turned away, so that a client run wild cannot fill the machine."""

Asgi = Any
"""An ASGI application or one of its callables: the protocol's own types are no narrower."""


def token(file: Path) -> str:
    """The token clients must send: ``MNEME_SERVE_TOKEN``, or the one in ``file``, which is made at the first call.

    Raises SettingsError when the file cannot be written, or the variable is too short to protect anything.
    """
    given = os.environ.get(VARIABLE, "").strip()
    if given:
        if len(given) < 16:
            raise SettingsError(f"{VARIABLE} must be at least 16 characters. Leave it unset, and mneme makes one.")
        return given
    try:
        if file.exists():
            return file.read_text("utf-8").strip()
        made = secrets.token_urlsafe(32)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            stream.write(made + "\n")
    except OSError as error:
        raise SettingsError(f"The token cannot be kept in {file}: {error.strerror}. Set {VARIABLE} instead.") from error
    return made


class Guarded:
    """An ASGI application behind a token. Requests for another host than this machine are refused: a web page that has
    its own name point here (DNS rebinding) sends that name along."""

    def __init__(self, app: Asgi, token: str, refused: Callable[[int, str], JSONResponse] | None = None) -> None:
        self._app = app
        self._token = token.encode()
        self._refused = refused or _plain
        self._in_hand = 0

    async def __call__(self, scope: Asgi, receive: Asgi, send: Asgi) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)  # starting and stopping
            return
        refusal = self._refusal(Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        self._in_hand += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_hand -= 1

    def _refusal(self, headers: Headers) -> JSONResponse | None:
        host = headers.get("host", "").rsplit(":", 1)[0] if "]" not in headers.get("host", "") else "[::1]"
        origin = headers.get("origin", "")
        if host not in LOCAL or (origin and not _is_local(origin)):
            return self._refused(403, "Only programs of this machine are served here.")
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secrets.compare_digest(given.strip().encode(), self._token):
            return self._refused(401, "The token is missing or wrong: send it as Authorization: Bearer TOKEN.")
        if self._in_hand >= AT_ONCE:
            return self._refused(429, "Too many requests at once. Try again in a moment.")
        return None


def _is_local(origin: str) -> bool:
    host = origin.partition("://")[2]
    return host.rsplit(":", 1)[0] in LOCAL or host in LOCAL


def _plain(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status)
