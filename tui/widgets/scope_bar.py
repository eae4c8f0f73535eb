"""Which part of a list is shown: a few names, the chosen one lit; a click or a key chooses another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

GAP = 2


class ScopeBar(Static):
    """Says :class:`Chosen` when another name is chosen."""

    @dataclass
    class Chosen(Message):
        place: int

    def __init__(self, names: Sequence[str], *, id: str) -> None:
        super().__init__(id=id)
        self._names = tuple(names)
        self.place = 0

    def on_mount(self) -> None:
        self._draw()

    def choose(self, place: int) -> None:
        if place != self.place:
            self.place = place
            self._draw()
            self.post_message(self.Chosen(place))

    def next(self) -> None:
        self.choose((self.place + 1) % len(self._names))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        offset = event.get_content_offset(self)
        if offset is None:
            return
        start = 0
        for place, name in enumerate(self._names):
            if start <= offset.x < start + len(name) + GAP:
                self.choose(place)
            start += len(name) + GAP

    def _draw(self) -> None:
        gap = " " * GAP
        styles = ("bold $primary" if place == self.place else "$quiet" for place in range(len(self._names)))
        self.update(Content(gap).join(Content.styled(*pair) for pair in zip(self._names, styles, strict=True)))
