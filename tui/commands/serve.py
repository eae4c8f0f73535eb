"""``mneme serve``: the memory for other programs of this machine."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from memory_store.errors import InvalidInput, MnemeError
from tui.commands.opening import open_settings, store_of
from tui.commands.options import Home, Profile
from tui.commands.progress import progress
from tui.text import show

if TYPE_CHECKING:
    from socket import socket

    from agent.settings import Settings

MCP_PORT = 8765
OPENAI_PORT = 8766
TOKEN = "serve-token"  # noqa: S105 - the name of its file
THREADS = "serve-threads.json"


def serve(
    mcp: Annotated[bool, typer.Option("--mcp", help="Tools for agents, over the Model Context Protocol.")] = False,
    openai: Annotated[bool, typer.Option("--openai", help="An OpenAI-compatible chat that remembers.")] = False,
    http: Annotated[bool, typer.Option("--http", help="With --mcp: over HTTP instead of standard input.")] = False,
    port: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, max=65535, help=f"{MCP_PORT} for MCP, {OPENAI_PORT} for OpenAI; 0: any."),
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="With --openai: the model that replies.")] = None,
    show_token: Annotated[bool, typer.Option("--show-token", help="Print the token that clients send.")] = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Let other programs of this machine use the memory.

    Only on loopback, and behind a token (MNEME_SERVE_TOKEN, or one that is made and kept in the profile). With --mcp
    alone, whoever starts this command is the client: no port, no token.

    An MCP client's configuration is the command "mneme" with the arguments "serve",
    "--mcp". For a chat client, http://127.0.0.1:8766/v1 is the base URL and the token
    the key.

    \b
    mneme serve --mcp
    mneme serve --mcp --http
    mneme serve --openai --port 8080
    mneme serve --show-token
    """
    settings = open_settings(home, profile, model__name=model)
    if show_token:
        show.line(_token(settings))
        return
    if mcp == openai:
        raise InvalidInput("Say what to serve: --mcp or --openai.")
    if mcp and not http:
        _mcp_here(settings)
    elif mcp:
        _mcp_over_http(settings, MCP_PORT if port is None else port)
    else:
        _chat(settings, OPENAI_PORT if port is None else port)


def _token(settings: Settings) -> str:
    from agent.serving.access import token

    settings.paths.create()
    return token(settings.paths.profile_dir / TOKEN)


def _mcp_here(settings: Settings) -> None:
    from agent.serving.memory_tools import server

    with store_of(settings, indexing="background") as store, _ended_by_signals():
        server(store, log_level="WARNING").run("stdio")


def _mcp_over_http(settings: Settings, port: int) -> None:
    from agent.serving.access import Guarded
    from agent.serving.memory_tools import server

    # What a client sends that is nothing at all, it is told; the SDK writes pages about each of them.
    logging.getLogger("mcp").setLevel(logging.CRITICAL)
    secret = _token(settings)
    with _listening(port) as listening, store_of(settings, indexing="background") as store:
        app = server(store, log_level="WARNING", max_sessions=64).streamable_http_app()
        _run(Guarded(app, secret), listening, "/mcp", settings)


def _chat(settings: Settings, port: int) -> None:
    from agent.models.loading import load_model
    from agent.serving.completions import app
    from agent.serving.replying import Replier
    from agent.serving.threads import Threads

    secret = _token(settings)
    with _listening(port) as listening:
        with progress(f"loading {settings.model.name}") as move:
            speaker = load_model(settings, lambda fraction, _what: move(round(100 * fraction), 100))
        with store_of(settings, indexing="background") as store:
            replier = Replier(store, speaker, settings, Threads(settings.paths.profile_dir / THREADS))
            _run(app(replier, secret), listening, "/v1", settings)


def _listening(port: int) -> socket:
    """Raises MnemeError when the port is taken."""
    from socket import create_server

    try:
        return create_server(("127.0.0.1", port))
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise MnemeError(f"Port {port} cannot be used: {problem}. Choose another with --port.") from None


def _run(app: Any, listening: socket, path: str, settings: Settings) -> None:
    """Serve until Ctrl+C or SIGTERM, after which the store is closed as ever."""
    import uvicorn

    from agent.serving.access import VARIABLE

    address = f"http://127.0.0.1:{listening.getsockname()[1]}{path}"
    kept = VARIABLE if os.environ.get(VARIABLE, "").strip() else settings.paths.profile_dir / TOKEN
    show.say(f"Serving {address} until Ctrl+C; the token is in {kept}.")
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, timeout_keep_alive=30)
    with _ended_by_signals():
        uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """What is inside ends well when it is told to: uvicorn stops at a signal, and then sends it once more."""

    def ended(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, ended)
    try:
        yield
    except KeyboardInterrupt:
        show.say("Stopped.")
    finally:
        signal.signal(signal.SIGTERM, before)
