"""Where "now" comes from. A store takes its clock as an argument, so that replay and tests can own time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def in_utc(instant: datetime) -> datetime:
    """``instant`` in UTC. A naive one is taken as UTC already."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


class VirtualClock:
    """A clock that stands still until it is moved, and never runs backwards."""

    def __init__(self, start: datetime) -> None:
        self._now = in_utc(start)

    def __call__(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move on by ``by``. Raises ValueError when it is negative."""
        self.set(self._now + by)

    def set(self, to: datetime) -> None:
        """Move on to ``to``. Raises ValueError when that is in the past."""
        moment = in_utc(to)
        if moment < self._now:
            raise ValueError(f"the clock stands at {self._now.isoformat()} and cannot go back to {moment.isoformat()}")
        self._now = moment
