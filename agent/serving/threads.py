"""Which conversation a request goes on with. An OpenAI-style client names none: it sends all that was said, each time.

What was said so far, up to the reply, is the key: the client sends it back word for word with its next message. A
request whose beginning is not known begins a conversation; one whose beginning is known, but was gone on with
otherwise, takes the place of what followed, as a client does that asks again or edits its words.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.models.base import Message

MOST = 20_000


@dataclass(frozen=True, slots=True)
class Point:
    """A point in a conversation: after this turn."""

    conversation: str
    turn: str


class Threads:
    """Points by what was said up to them; kept in a file, without any words. Not thread-safe."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._points: OrderedDict[str, Point] = OrderedDict()
        try:
            stored = json.loads(file.read_text("utf-8"))
            self._points.update({key: Point(*point) for key, point in stored.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            pass  # the first time; or damaged, and then what is asked next begins a conversation

    def find(self, messages: Sequence[Message]) -> Point | None:
        """The point after these messages."""
        said = _said(messages)
        return self._points.get(_key(said)) if said else None

    def keep(self, messages: Sequence[Message], point: Point) -> None:
        """After these messages, the conversation stands at ``point``."""
        self._points[_key(_said(messages))] = point
        self._points.move_to_end(_key(_said(messages)))
        while len(self._points) > MOST:
            self._points.popitem(last=False)
        fresh = self._file.with_name(self._file.name + ".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump({key: [at.conversation, at.turn] for key, at in self._points.items()}, stream)
        fresh.replace(self._file)


def _said(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """System texts do not count: clients change them, the date in them above all."""
    return [(message.role, message.content.strip()) for message in messages if message.role != "system"]


def _key(said: Sequence[tuple[str, str]]) -> str:
    return hashlib.sha256(json.dumps(said).encode("utf-8", "surrogatepass")).hexdigest()[:32]
