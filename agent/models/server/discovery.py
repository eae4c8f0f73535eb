"""Servers that run on this machine, found by asking the usual ports; and what a server offers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from agent.errors import ModelError
from agent.models.server.address import parse
from agent.models.server.connection import Connection

ServerKind = Literal["Ollama", "llama.cpp", "LM Studio", "vLLM", "other"]

PORTS = (11434, 8080, 1234, 8000)
"""The defaults of Ollama, llama.cpp, LM Studio and vLLM (``transformers serve`` also takes 8000)."""
_CONTEXT_KEYS = ("max_model_len", "loaded_context_length", "context_length", "context_window", "max_context_length")


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One model a server offers. None: it does not tell."""

    name: str
    context_size: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answered, and its models by name."""

    base_url: str
    """What ``model.base_url`` must be set to."""
    kind: ServerKind
    models: tuple[ServedModel, ...]


def discover(timeout_s: float = 0.5, ports: tuple[int, ...] = PORTS) -> list[RunningServer]:
    """Which servers run on loopback at their default ports; asks all of them at once and waits ``timeout_s`` for each
    answer. Nothing but this machine is asked, and nothing is told to it."""
    with ThreadPoolExecutor(len(ports) or 1) as pool:
        found = pool.map(lambda port: look(f"http://127.0.0.1:{port}/v1", timeout_s), ports)
        return [server for server in found if server is not None]


def look(base_url: str, timeout_s: float) -> RunningServer | None:
    """The server at ``base_url``; None when none answers as one."""
    connection = Connection(parse(base_url), connect_s=timeout_s)
    try:
        models = offered(connection)
        if models is None:
            return None
        return RunningServer(base_url, identify(connection, models), served(connection, models))
    except ModelError:
        return None
    finally:
        connection.close()


def offered(connection: Connection) -> list[dict[str, Any]] | None:
    """The entries of ``/models``; None where the answer is no such list. Raises ModelError."""
    answer = connection.get("/models")
    entries = answer.get("data") if isinstance(answer, dict) else None
    if entries is None and isinstance(answer, dict) and "data" in answer:
        return []  # Ollama without a single model
    if not isinstance(entries, list):
        return None
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


def identify(connection: Connection, models: list[dict[str, Any]]) -> ServerKind:
    """Whose server it is, by the marks it leaves; "other" answers to OpenAI's protocol alone."""
    owners = {str(model.get("owned_by", "")) for model in models}
    if "vllm" in owners:
        return "vLLM"
    if "llamacpp" in owners or "default_generation_settings" in connection.maybe("GET", "/props"):
        return "llama.cpp"
    if "version" in connection.maybe("GET", "/api/version"):
        return "Ollama"
    return "LM Studio" if isinstance(connection.maybe("GET", "/api/v0/models").get("data"), list) else "other"


def served(connection: Connection, models: list[dict[str, Any]]) -> tuple[ServedModel, ...]:
    """``models`` by name, with what their entries and Ollama's list of files tell."""
    sizes = {}
    if any(str(model.get("owned_by")) == "library" for model in models):
        listed = connection.maybe("GET", "/api/tags").get("models")
        for entry in listed if isinstance(listed, list) else []:
            if isinstance(entry, dict):
                sizes[entry.get("name")] = positive(entry.get("size"))
    found = (ServedModel(m["id"], context_told(m), sizes.get(m["id"]) or _meta(m, "size")) for m in models)
    return tuple(sorted(found, key=lambda model: model.name))


def context_told(entry: dict[str, Any]) -> int | None:
    """Tokens of context that the entry of a model tells, under any of the names servers give it."""
    found = (positive(entry.get(key)) for key in _CONTEXT_KEYS)
    return next((size for size in found if size), None) or _meta(entry, "n_ctx")


def positive(value: Any) -> int | None:
    """``value`` when it is a whole number above 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _meta(entry: dict[str, Any], key: str) -> int | None:
    meta = entry.get("meta")
    return positive(meta.get(key)) if isinstance(meta, dict) else None
