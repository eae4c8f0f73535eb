"""The conversation on the screen: a window of a few dozen turns over as many as there are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Button

from memory_store.records import Turn
from tui.entries import Entry
from tui.names import NameOf
from tui.widgets.turn_view import TurnView

MOUNTED = 30
"""Most turns on the screen at a time: a Markdown turn is some 18 widgets, and each costs every layout a little."""
STEP = 10


class Transcript(VerticalScroll, can_focus=False):
    """Follows the newest words until the user scrolls up, and again from the end on."""

    def __init__(self, *, name_of: NameOf, now: Callable[[], datetime]) -> None:
        super().__init__(id="transcript")
        self._name_of, self._now = name_of, now
        self.entries: list[Entry] = []
        self._start = self._end = 0
        self._changing = asyncio.Lock()
        """Held while turns come and go: a conversation may open while a first word arrives."""
        self._earlier = Button("", id="earlier", compact=True)
        self._later = Button("", id="later", compact=True)

    def compose(self) -> ComposeResult:
        yield self._earlier
        yield self._later

    def on_mount(self) -> None:
        self.anchor()
        self._label()

    async def open(self, entries: Sequence[Entry], *, empty: Widget | None = None) -> None:
        """Replace everything by ``entries``; ``empty`` is shown while there are none."""
        async with self._changing:
            await self._open(entries, empty)

    async def _open(self, entries: Sequence[Entry], empty: Widget | None) -> None:
        self.entries = list(entries)
        await self.remove_children(".empty")
        await self._mount_window(len(self.entries) - MOUNTED, len(self.entries))
        if empty is not None and not self.entries:
            empty.add_class("empty")
            await self.mount(empty, before="#later")
            # An anchored container keeps short content at its bottom: right for words, not for a page to read.
            self.anchor(False)
            self.scroll_home(animate=False)
        else:
            self.anchor()

    async def add(self, entry: Entry) -> None:
        """A new turn at the end; goes there."""
        async with self._changing:
            await self._add(entry)

    async def _add(self, entry: Entry) -> None:
        await self.remove_children(".empty")
        if self._end < len(self.entries):
            await self._mount_window(len(self.entries) - MOUNTED, len(self.entries))
        self.entries.append(entry)
        self._end = len(self.entries)
        await self.mount(self._make(entry), before="#later")
        await self._drop_first(self._end - self._start - MOUNTED)
        self._label()
        self.anchor()

    async def take_off(self, entry: Entry) -> None:
        """Take a turn off again."""
        view = self.view(entry)
        place = self._place(entry)
        self.entries.pop(place)
        self._end -= place < self._end
        self._start -= place < self._start
        if view is not None:
            await view.remove()
        self._label()

    def view(self, entry: Entry) -> TurnView | None:
        """The widget of ``entry``, when it is mounted."""
        return next((view for view in self._views if view.entry is entry), None)

    @property
    def _views(self) -> list[TurnView]:
        """In order. Of the children alone: a query would walk through every block of Markdown."""
        return [child for child in self.children if isinstance(child, TurnView)]

    async def show_earlier(self) -> None:
        """Mount turns above, and let go of as many below."""
        first = next(iter(self._views), None)
        start = max(0, self._start - STEP)
        fresh = [self._make(entry) for entry in self.entries[start : self._start]]
        self.release_anchor()
        await self.mount_all(fresh, after="#earlier")
        self._start = start
        await self._drop_last(self._end - self._start - MOUNTED)
        self._label()
        if first is not None:
            self.call_after_refresh(self.scroll_to_widget, first, animate=False, top=True)

    async def show_later(self) -> None:
        """Mount turns below, and let go of as many above."""
        end = min(len(self.entries), self._end + STEP)
        fresh = [self._make(entry) for entry in self.entries[self._end : end]]
        await self.mount_all(fresh, before="#later")
        self._end = end
        await self._drop_first(self._end - self._start - MOUNTED)
        self._label()

    async def show_latest(self) -> None:
        """Go to the newest words, and follow them."""
        if self._end < len(self.entries):
            await self._mount_window(len(self.entries) - MOUNTED, len(self.entries))
        self.anchor()

    def changed(self, memory: Turn) -> None:
        """A memory was pinned, edited or forgotten: its turn shows it."""
        for entry in self.entries:
            if entry.turn is not None and entry.turn.id == memory.id:
                entry.turn = memory
                view = self.view(entry)
                if view is not None:
                    view.refresh_foot()

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "earlier":
            await self.show_earlier()
        else:
            await self.show_later()

    async def _mount_window(self, start: int, end: int) -> None:
        self._start, self._end = max(0, start), end
        async with self.batch():
            await self.remove_children(TurnView)
            await self.mount_all([self._make(entry) for entry in self.entries[self._start : end]], before="#later")
        self._label()

    async def _drop_first(self, number: int) -> None:
        if number > 0:
            for view in self._views[:number]:
                await view.remove()
            self._start += number

    async def _drop_last(self, number: int) -> None:
        if number > 0:
            for view in self._views[-number:]:
                await view.remove()
            self._end -= number

    def _make(self, entry: Entry) -> TurnView:
        return TurnView(entry, name_of=self._name_of, now=self._now)

    def _place(self, entry: Entry) -> int:
        return next(place for place, other in enumerate(self.entries) if other is entry)

    def _label(self) -> None:
        earlier, later = self._earlier, self._later
        earlier.display, later.display = self._start > 0, self._end < len(self.entries)
        earlier.label, later.label = f"↑ {self._start:,} earlier", f"↓ {len(self.entries) - self._end:,} later"
