"""Named instants at which a test may end this process as a power cut would, to prove what survives.

Off unless the environment variable ``MNEME_FAULT`` names one: ``rebuild:batch``, or ``commit:after@3`` for the third
time it is come to. Off, :func:`reached` is one comparison, beside a commit that waits for the disk or a batch of
vectors. ``make crash`` goes through all of them (docs/durability.md).
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

VARIABLE = "MNEME_FAULT"

POINTS = (
    "commit:before",
    "commit:after",
    "index:put",
    "index:between",
    "index:settle",
    "index:marked",
    "index:closed",
    "rebuild:begun",
    "rebuild:batch",
    "rebuild:filled",
    "rebuild:adopted",
    "quarantine:moved",
    "words:anew",
    "purge:erased",
    "purge:scrubbed",
    "purge:proving",
    "import:batch",
    "backup:copied",
    "backup:packing",
    "backup:packed",
    "backup:kept",
    "restore:unpacked",
    "restore:aside",
    "restore:replaced",
    "migrate:saved",
    "migrate:step",
    "migrate:done",
)
"""Every point there is, in the order in which a life comes to them."""


@dataclass(slots=True)
class _Armed:
    point: str
    left: int


_armed: _Armed | None = None


def arm(wish: str) -> None:
    """End this process the n-th time it comes to a point: ``point`` or ``point@n``. Empty: never."""
    global _armed  # noqa: PLW0603 - a process dies once
    point, _, times = wish.partition("@")
    if point and point not in POINTS:
        raise ValueError(f"{VARIABLE}: there is no point {point!r}")
    _armed = _Armed(point, int(times or 1)) if point else None


def reached(point: str) -> None:
    """This process has come to ``point``."""
    if _armed is not None and _armed.point == point:
        _armed.left -= 1
        if _armed.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get(VARIABLE, ""))
