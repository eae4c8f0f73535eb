"""What a server can do with the model: which it has, how much that reads, and how its tokens are counted."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.errors import ModelError, Unreachable, one_line
from agent.models.base import Progress
from agent.models.memory_only import NAME as MEMORY_ONLY
from agent.models.server.address import elsewhere
from agent.models.server.connection import Connection, Refused
from agent.models.server.counting import Counter, counter
from agent.models.server.discovery import ServerKind, context_told, identify, offered, positive
from agent.paths import printable

if TYPE_CHECKING:
    from agent.settings import ModelSettings

DEFAULT_CONTEXT = 4096
"""Tokens, where neither the settings nor the server tell: what Ollama takes on a small machine."""
_LISTS_ALL = ("Ollama", "llama.cpp", "LM Studio", "vLLM")
_NO_LIST = (404, 405, 500, 501)
_NUM_CTX = re.compile(r"^num_ctx\s+(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Abilities:
    """Of one model on one server."""

    name: str
    kind: ServerKind
    context_size: int
    context_known: bool
    """False: nobody told, and it is the default."""
    counter: Counter


def find_out(connection: Connection, settings: ModelSettings, progress: Progress) -> Abilities:
    """Ask the server. Raises ModelError when it is not there, is no model server or has no such model."""
    progress(0.1, f"asking {connection.address.place}")
    entries = _entries(connection)
    kind = identify(connection, entries or [])
    name = _chosen(settings, entries, kind, connection)
    progress(0.4, f"{kind} is loading {printable(name)}" if kind == "Ollama" else "asking what it can do")
    if kind == "Ollama":
        _stays_here(connection, name, settings)
    entry = next((entry for entry in entries or [] if entry["id"] == name), {})
    told = settings.context_size or _context(connection, kind, name, entry)
    progress(0.9, "asking how it counts")
    return Abilities(name, kind, told or DEFAULT_CONTEXT, bool(told), counter(connection, kind, name))


def _entries(connection: Connection) -> list[dict[str, Any]] | None:
    """What ``/models`` lists; None where a server has no such list (``transformers serve`` may fail over it)."""
    try:
        entries = offered(connection)
    except Refused as error:
        if error.status not in _NO_LIST:
            raise Unreachable(str(error)) if error.status == 503 else error from None
        return None
    if entries is None:
        raise ModelError(f"{connection.address} answers, but not as a model server does. Check model.base_url.")
    return entries


def _chosen(
    settings: ModelSettings, entries: list[dict[str, Any]] | None, kind: ServerKind, connection: Connection
) -> str:
    """The name of the settings if the server has it; without one, the server's only model."""
    names = sorted(entry["id"] for entry in entries or [])
    place, wanted = connection.address.place, settings.name
    if wanted == MEMORY_ONLY:  # no name was given: the server was
        if len(names) == 1:
            return str(names[0])
        raise ModelError(f"Set model.name to the model you want of {place}: {_listed(names)}.")
    if wanted in names:
        return wanted
    if f"{wanted}:latest" in names:  # Ollama's own rule
        return f"{wanted}:latest"
    # Others may have more than they list, and llama.cpp takes any name for its only model: they know best.
    if (kind in _LISTS_ALL and len(names) != 1) or kind in ("Ollama", "vLLM"):
        raise ModelError(f'{place} has no model "{printable(wanted)}". It has: {_listed(names)}.')
    return wanted


def _listed(names: list[str], most: int = 8) -> str:
    if not names:
        return "it tells of none"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(printable(name) for name in names[:most]) + more


def _context(connection: Connection, kind: ServerKind, name: str, entry: dict[str, Any]) -> int | None:
    if kind == "Ollama":
        return _of_ollama(connection, name)
    if kind == "llama.cpp":
        props = connection.maybe("GET", "/props").get("default_generation_settings")
        return positive(props.get("n_ctx")) if isinstance(props, dict) else context_told(entry)
    if kind == "LM Studio":
        return context_told(connection.maybe("GET", f"/api/v0/models/{name}")) or context_told(entry)
    return context_told(entry)


def _stays_here(connection: Connection, name: str, settings: ModelSettings) -> None:
    """Ollama on this machine also offers models that its makers' cloud runs. Raises ModelError for one not allowed."""
    host = connection.maybe("POST", "/api/show", {"model": name}).get("remote_host")
    if host and not settings.allow_remote:
        raise ModelError(elsewhere(name, one_line(str(host), 60)))


def _of_ollama(connection: Connection, name: str) -> int | None:
    """What Ollama gives the model, not what the model was made for: Ollama cuts longer prompts without a word.

    Once the model is loaded ``/api/ps`` tells, so it is loaded here, which it must be for the first reply anyway.
    https://github.com/ollama/ollama/blob/main/docs/api.md
    """
    with contextlib.suppress(Refused):  # an older one, or one that does not generate: /api/show may tell all the same
        body = {"model": name, "stream": False}
        connection.post("/api/generate", body, root=True, limit_s=connection.silence_s)
    running = connection.maybe("GET", "/api/ps").get("models")
    for model in running if isinstance(running, list) else []:
        if isinstance(model, dict) and name in (model.get("name"), model.get("model")):
            return positive(model.get("context_length")) or _as_made(connection, name)
    return _as_made(connection, name)


def _as_made(connection: Connection, name: str) -> int:
    """What the model's own settings say, else Ollama's default, never more than the model was made for."""
    shown = connection.maybe("POST", "/api/show", {"model": name})
    said = _NUM_CTX.search(str(shown.get("parameters") or ""))
    if said:
        return int(said.group(1))
    info = shown.get("model_info")
    sizes = [positive(v) for k, v in info.items() if k.endswith(".context_length")] if isinstance(info, dict) else []
    return min([DEFAULT_CONTEXT, *(size for size in sizes if size)])
