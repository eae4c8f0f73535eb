"""HTTP to one server: its address, key and patience. Small JSON questions here; replies in ``wire``.

Proxies of the environment are used for other machines only. Redirects are never followed: words and keys go where the
settings say and nowhere else.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Literal

from agent.errors import ModelError, Unreachable, one_line
from agent.models.server.address import Address, is_loopback

if TYPE_CHECKING:
    from pydantic import SecretStr

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes of one JSON answer; more is nonsense."""


class Refused(ModelError):
    """The server answered with an error status. ``said``: its own words, one line, without the key."""

    def __init__(self, message: str, status: int, said: str) -> None:
        super().__init__(message)
        self.status, self.said = status, said


class Connection:
    """A server and how to talk to it. May be used by several threads."""

    def __init__(
        self, address: Address, key: SecretStr | None = None, *, connect_s: float = 5.0, silence_s: float = 120.0
    ) -> None:
        import httpx

        self.address = address
        self.connect_s, self.silence_s = connect_s, silence_s
        self._key = key
        headers = {"User-Agent": "mneme"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key.get_secret_value()}"
        shared: dict[str, Any] = {
            "headers": headers,
            "trust_env": not address.loopback,
            "verify": httpx.create_ssl_context(trust_env=not address.loopback) if address.encrypted else False,
            "follow_redirects": False,
        }
        brief = httpx.Timeout(connect_s)
        patient = httpx.Timeout(silence_s, connect=connect_s)
        self._questions = httpx.Client(timeout=brief, **shared)
        # A reply gets a connection of its own, so that ending it ends nothing else and it never begins on a dead one.
        self.replies = httpx.Client(timeout=patient, limits=httpx.Limits(max_keepalive_connections=0), **shared)

    def __repr__(self) -> str:
        return f"Connection({self.address})"

    def get(self, path: str, *, root: bool = False) -> Any:
        """The JSON at ``path`` below the base URL (``root``: below the server's own root). Raises ModelError."""
        return self._ask("GET", self.url(path, root=root), None, self.connect_s)

    def post(self, path: str, body: dict[str, Any], *, root: bool = False, limit_s: float | None = None) -> Any:
        """The JSON that answers ``body``, within ``limit_s`` seconds (as for connecting). Raises ModelError."""
        return self._ask("POST", self.url(path, root=root), body, limit_s or self.connect_s)

    def maybe(self, method: Literal["GET", "POST"], path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The JSON object at ``path`` below the root; empty where the server knows nothing like it."""
        try:
            found = self._ask(method, self.url(path, root=True), body, self.connect_s)
        except ModelError:
            return {}
        return found if isinstance(found, dict) else {}

    def guard(self, event: str, told: dict[str, Any]) -> Any:
        """Hears of httpx's connections (its ``trace`` extension). Returns the socket of one just made, else None.

        Raises ModelError when a name of this machine, such as localhost, led to another one: nothing is sent there.
        """
        if event not in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            return None
        found = told["return_value"].get_extra_info("socket")
        if self.address.loopback and not is_loopback(str(found.getpeername()[0])):
            found.close()
            raise ModelError(f"{self.address.host} leads to another machine. Write 127.0.0.1 instead.")
        return found

    def url(self, path: str, *, root: bool = False) -> str:
        return (self.address.root if root else self.address.base_url) + path

    def close(self) -> None:
        self._questions.close()
        self.replies.close()

    def failure(self, error: Exception, limit_s: float) -> ModelError:
        """What an error of httpx means to a person."""
        import httpx

        place = self.address.place
        if isinstance(error, httpx.ConnectTimeout):
            return Unreachable(f"{place} did not answer within {limit_s:g} s. Is the address right, is it running?")
        if isinstance(error, httpx.ConnectError):
            detail = one_line(error)
            if "certificate" in detail.lower():
                return ModelError(f"The certificate of {place} is not trusted ({detail}). Nothing was sent.")
            return Unreachable(f"Nothing answers at {self.address}: start the server or change model.base_url.")
        if isinstance(error, httpx.TimeoutException):
            return ModelError(f"{place} said nothing for {limit_s:g} s and was left. Try again, or restart it.")
        detail = one_line(self.scrubbed(str(error) or type(error).__name__))
        return ModelError(f"The connection to {place} broke ({detail}). Try again.")

    def scrubbed(self, text: str) -> str:
        """``text`` without the key: some servers repeat it when they refuse it."""
        return text.replace(self._key.get_secret_value(), "***") if self._key is not None else text

    def refusal(self, status: int, body: bytes) -> Refused:
        """What an error status means to a person, with what the server says about it."""
        said = one_line(self.scrubbed(_message(body)), 200) if body.strip() else ""
        place = self.address.place
        because = f": {said}" if said else ""
        if status in (401, 403):
            why = "is refused" if self._key is not None else "is missing"
            message = f"{place} wants a key and it {why} ({status}{because}). Set MNEME_MODEL__API_KEY."
        elif status == 404:
            message = f"{place} does not know the model or the address ({status}{because}). See `mneme models list`."
        elif status == 429:
            message = f"{place} takes no more questions for now ({status}{because}). Try again later."
        elif 300 <= status < 400:
            message = f"{place} sends questions elsewhere ({status}), and mneme does not follow. Change model.base_url."
        elif status >= 500:
            message = f"{place} failed ({status}{because}). Try again, or look at the server's own log."
        else:
            message = f"{place} refused the question ({status}{because})."
        return Refused(message, status, said)

    def _ask(self, method: str, url: str, body: dict[str, Any] | None, limit_s: float) -> Any:
        import httpx

        end = time.monotonic() + limit_s
        timeout = httpx.Timeout(limit_s, connect=min(limit_s, self.connect_s))
        try:
            with self._questions.stream(
                method, url, json=body, timeout=timeout, extensions={"trace": self.guard}
            ) as response:
                content = b""
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > LARGEST_ANSWER or time.monotonic() > end:
                        raise ModelError(f"{self.address.place} does not come to an end. Is it a model server?")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise self.failure(error, limit_s) from None
        if response.status_code != 200:
            raise self.refusal(response.status_code, content)
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise ModelError(f"{self.address} answers, but not as a model server does. Check model.base_url.") from None


def _message(body: bytes) -> str:
    """The message inside an error body, as OpenAI, FastAPI or Ollama shape it; else the body itself."""
    text = body.decode("utf-8", "replace")
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text
    for key in ("error", "detail", "message"):
        if isinstance(found, dict) and key in found:
            found = found[key]
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
