"""A server that crashes under those who work on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sized
from concurrent.futures import ThreadPoolExecutor

from tests.postgres import Server

CRASHES = 2


Work = Callable[[Callable[[], bool]], None]
"""Goes on until what it is given says that it is enough."""


def crashed_under(server: Server, work: list[Work], done: Sized, *, between: int) -> None:
    """Each of ``work`` goes on in a thread of its own while the server crashes and comes back, twice, always when
    ``between`` more acts are ``done``. Raises what any of them raised."""
    enough = threading.Event()

    def more() -> None:
        before = len(done)
        while len(done) < before + between and not any(one.done() for one in working):
            enough.wait(0.01)

    with ThreadPoolExecutor(len(work)) as pool:
        working = [pool.submit(one, enough.is_set) for one in work]
        for _ in range(CRASHES):
            more()
            server.stop()
            server.start()
        more()
        enough.set()
        for one in working:
            one.result()
