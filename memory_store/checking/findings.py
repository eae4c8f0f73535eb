"""What a check finds: a plain line, and what would put it right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    problem: str
    mend: Callable[[Connection], object] | None = None
    """What puts it right, in a transaction that writes. It never touches the words."""
    mended: str = ""
    """What is said once that was done."""
    index: bool = False
    """Whether the index of meaning has to be filled anew."""

    @property
    def curable(self) -> bool:
        return self.mend is not None or self.index


def counted(number: int, one: str, many: str = "") -> str:
    """``1 memory``, ``2 memories``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def memories(number: int) -> str:
    return counted(number, "memory", "memories")
