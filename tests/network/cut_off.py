"""A life with mneme, cut off from every network: python -m tests.network.cut_off PATH...

The process goes into a network namespace of its own in which there is only loopback, so that nothing, native code and
child processes included, gets out. Whatever tries is counted: Python's attempts by an audit hook, all others by the
kernel, which counts what has no route. Prints one JSON object. Exit code 77 where the system allows no such namespace.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import io
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NEW_USER, NEW_NET = 0x10000000, 0x40000000
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 1
CANNOT = 77
HERE = ("127.", "::1", "localhost")

attempts: list[str] = []


def cut_off() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_NET) and libc.unshare(NEW_USER | NEW_NET):
        sys.exit(CANNOT)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            raised = fcntl.ioctl(probe, GET_FLAGS, struct.pack("16sh22x", b"lo", 0))
            flags = struct.unpack("16sh22x", raised)[1] | UP
            fcntl.ioctl(probe, SET_FLAGS, struct.pack("16sh22x", b"lo", flags))
        except OSError:
            sys.exit(CANNOT)


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" or event == "socket.sendto":
        address = arguments[1]
        if isinstance(address, tuple) and not str(address[0]).startswith(HERE):
            attempts.append(f"{event} {address}")
    named = event in {"socket.getaddrinfo", "socket.gethostbyname"} and arguments[0]
    if named and not str(named).startswith(HERE):
        attempts.append(f"{event} {named}")


def without_route() -> int:
    """What the kernel could not send, since the namespace began; IPv6 too."""
    heads, values = (line.split() for line in Path("/proc/self/net/snmp").read_text().splitlines()[:2])
    four = int(values[heads.index("OutNoRoutes")])
    six = [line.split() for line in Path("/proc/self/net/snmp6").read_text().splitlines()]
    return four + sum(int(value) for name, value in six if name == "Ip6OutNoRoutes")


def command(*arguments: str) -> Callable[[], None]:
    def run() -> None:
        from tests.command import run_here

        ran = run_here(Path(os.environ["MNEME_HOME"]))(*arguments)
        if ran.code:
            raise AssertionError(f"mneme {' '.join(arguments)}: {ran}")

    return run


def app() -> None:
    from agent.settings import load_settings
    from tests.tui.app_kit import wait_until, write
    from tui.app import MnemeApp
    from tui.talking.session import Session

    async def live() -> None:
        chat = MnemeApp(Session(load_settings(None, None)), greet=True)
        async with chat.run_test() as pilot:
            await wait_until(pilot, lambda: chat.session.store is not None)
            await pilot.press("escape")
            await write(pilot, "I have a cat called Miso.")
            await wait_until(pilot, lambda: not chat.session.busy and chat.session.store.memories(speaker="assistant"))

    with contextlib.redirect_stdout(io.StringIO()):
        asyncio.run(live())


def server() -> None:
    from agent.models.server.model import ServerModel
    from agent.settings import ModelSettings
    from tests.agent.server.serving import serving

    with serving() as served:
        ServerModel.connect(ModelSettings(base_url=served.url, connect_retries=0)).close()


def python_tries() -> None:
    with contextlib.suppress(OSError), socket.socket() as stray:
        stray.connect(("192.0.2.1", 80))


def another_program_tries() -> None:
    subprocess.run(["bash", "-c", "echo > /dev/tcp/192.0.2.1/80"], check=False, stderr=subprocess.DEVNULL)


TINY = str(ROOT / "tests" / "tiny_model" / "checkpoint")
PATHS: dict[str, Callable[[], None]] = {
    "note": command("memory", "note", "My cat is called Miso."),
    "ask": command("ask", "What is my cat called?"),
    "search": command("memory", "search", "cat"),
    "list": command("memory", "list"),
    "index": command("memory", "check"),
    "rebuild": command("memory", "rebuild"),
    "backup": command("backup", "create"),
    "models": command("models", "list"),
    "config": command("config", "show"),
    "model": command("ask", "--model", TINY, "What is my cat called?"),
    "replay": command("replay", str(ROOT / "docs" / "examples" / "a-correction.yaml")),
    "bench": command("bench", "mine", "--questions", "1"),
    "app": app,
    "server": server,
    "python tries": python_tries,
    "another program tries": another_program_tries,
}


def main() -> None:
    cut_off()
    sys.addaudithook(watch)
    with tempfile.TemporaryDirectory() as home:
        os.environ["MNEME_HOME"] = home
        told = sys.stdout
        with contextlib.redirect_stdout(io.StringIO()):
            for name in sys.argv[1:]:
                PATHS[name]()
        json.dump({"attempts": attempts, "without_route": without_route()}, told)


if __name__ == "__main__":
    main()
