"""A progress bar on standard error for long work, where standard error is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Progress = Callable[[int, int], None]
"""Called with what is done and what there is."""

_bars: list[Any] = []
"""What is drawn just now."""


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """A callback that moves the bar; elsewhere than at a terminal it does nothing."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        _bars.append(bar)
        try:
            yield lambda done, total: bar.update(task, completed=done, total=total)
        finally:
            _bars.remove(bar)


@contextmanager
def aside() -> Iterator[None]:
    """Without a bar on the screen: somebody is asked something."""
    for bar in _bars:
        bar.stop()
    try:
        yield
    finally:
        for bar in _bars:
            bar.start()


@contextmanager
def transfer(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """The same for bytes that come over a network, with their speed: called with what is there, what there will be,
    and what is being done just now."""
    if not sys.stderr.isatty():
        yield lambda _done, _total, _now: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    bytes_and_speed = (DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), *bytes_and_speed)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total, now: bar.update(task, completed=done, total=total, description=now)
