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
from tui.talking.entries import Entry
from tui.text.names import NameOf
from tui.widgets.near_view import Holder
from tui.widgets.new_words import NewWords
from tui.widgets.turn_view import TurnView

MOUNTED = 30
"""Most turns on the screen at a time: a Markdown turn is some 18 widgets, and each costs every layout a little."""
STEP = 10


class Transcript(VerticalScroll, Holder, can_focus=False):
    """Follows the newest words until the user scrolls up, and again from the end on."""

    def __init__(
        self,
        *,
        name_of: NameOf,
        now: Callable[[], datetime],
        mark: NewWords | None = None,
        read_only: bool = False,
    ) -> None:
        """``mark`` is shown while there is new text below. ``read_only``: turns can be read and copied, no more."""
        super().__init__(id="transcript")
        self._read_only, self._new_words = read_only, mark
        self._name_of, self._now = name_of, now
        self.entries: list[Entry] = []
        self._start = self._end = 0
        self._away = False
        self._gone_to: TurnView | None = None
        """What stays in the middle while the turns around it get their words, until the reader scrolls."""
        self._centred_at: float | None = None
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

    async def open(self, entries: Sequence[Entry], *, empty: Widget | None = None, at: int | None = None) -> None:
        """Replace everything by ``entries``; ``empty`` is shown while there are none. ``at``: go to this one."""
        async with self._changing:
            if at is not None:
                self.entries = list(entries)
                await self._go_to(at)
            else:
                await self._open(entries, empty)

    async def _go_to(self, place: int) -> None:
        start = max(0, min(place - MOUNTED // 2, len(self.entries) - MOUNTED))
        await self.remove_children(".empty")
        self.anchor(False)
        self._away = True
        await self._mount_window(start, min(len(self.entries), start + MOUNTED))
        view = self.view(self.entries[place])
        # An anchored container scrolls short content to below zero, from where only force brings it back.
        self.scroll_home(animate=False, force=True)
        if view is not None:
            view.focus(scroll_visible=False)
            self._gone_to, self._centred_at = view, None
            self.call_after_refresh(self._center)

    async def _open(self, entries: Sequence[Entry], empty: Widget | None) -> None:
        self.entries = list(entries)
        await self.remove_children(".empty")
        await self._mount_window(len(self.entries) - MOUNTED, len(self.entries))
        if empty is not None and not self.entries:
            empty.add_class("empty")
            await self.mount(empty, before="#later")
            # An anchored container keeps short content at its bottom: right for words, not for a page to read.
            self.anchor(False)
            self.scroll_home(animate=False, force=True)
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

    def question(self, reply: Entry | None) -> Entry | None:
        """The words that a reply (None: the last) answered."""
        end = len(self.entries) if reply is None else self._place(reply)
        return next((entry for entry in reversed(self.entries[:end]) if not entry.is_reply), None)

    def after(self, entry: Entry) -> Entry | None:
        """The entry that follows."""
        place = self._place(entry) + 1
        return self.entries[place] if place < len(self.entries) else None

    async def cut(self, first: Entry) -> None:
        """Take an entry, and all after it, off."""
        async with self._changing:
            place = self._place(first)
            gone = self.entries[place:]
            views = [view for view in self._views if any(view.entry is entry for entry in gone)]
            for view in views:
                await view.remove()
            self.entries = self.entries[:place]
            self._end = min(self._end, place)
            self._start = min(self._start, self._end)
            if self._end and not self._views:
                await self._mount_window(self._end - MOUNTED, self._end)
            self._label()

    def anchor(self, anchor: bool = True) -> None:
        self._away = False
        self._gone_to = None
        super().anchor(anchor)

    def release_anchor(self) -> None:
        """The reader looks at something else than the newest words."""
        self._away = True
        super().release_anchor()

    @property
    def follows(self) -> bool:
        """Whether the newest words are in view."""
        at_end = not self._away or self.scroll_y >= self.max_scroll_y - 1
        return at_end and self._end == len(self.entries)

    @property
    def read_now(self) -> Turn | None:
        """The first turn in view of a reader who has left the newest words; None for everybody else."""
        if self.follows:
            return None
        top = self.scroll_offset.y
        return next((view.entry.turn for view in self._views if view.virtual_region.bottom > top), None)

    def grown(self) -> None:
        """There are new words: in view, or said to be below."""
        self.call_after_refresh(self._mark)

    def _mark(self, grown: bool = True) -> None:
        if self._new_words is not None:
            self._new_words.display = (self._new_words.display or grown) and not self.follows

    def watch_scroll_y(self, old: float, new: float) -> None:
        super().watch_scroll_y(old, new)
        self._mark(grown=False)

    def entry_of(self, turn: str) -> Entry | None:
        """The entry of a turn, by its id."""
        return next((entry for entry in self.entries if entry.turn is not None and entry.turn.id == turn), None)

    async def take_off(self, entry: Entry) -> None:
        """Take a turn off again."""
        view = self.view(entry)
        place = self._place(entry)
        if place == len(self.entries):
            return
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

    def watch_virtual_size(self) -> None:
        """What is in it has grown: a turn's Markdown comes a moment after it."""
        if self._gone_to is not None:
            self.call_after_refresh(self._center)

    def _center(self) -> None:
        """As soon as it is known where the view is; what is short enough to be seen whole stays."""
        view = self._gone_to
        if view is None or not view.is_attached or self._centred_at not in (None, self.scroll_y):
            self._gone_to = None
        elif self.max_scroll_y > 0 and view.size:
            self.scroll_to_widget(view, animate=False, center=True, immediate=True)
            self._centred_at = self.scroll_y

    async def _mount_window(self, start: int, end: int) -> None:
        self._start, self._end = max(0, start), end
        async with self.batch():
            await self.remove_children(TurnView)
            for entry in (*self.entries[: self._start], *self.entries[end:]):
                entry.let_go()
            await self.mount_all([self._make(entry) for entry in self.entries[self._start : end]], before="#later")
        self._label()

    async def _drop_first(self, number: int) -> None:
        if number > 0:
            for view in self._views[:number]:
                await view.remove()
                view.entry.let_go()
            self._start += number

    async def _drop_last(self, number: int) -> None:
        if number > 0:
            for view in self._views[-number:]:
                await view.remove()
                view.entry.let_go()
            self._end -= number

    def _make(self, entry: Entry) -> TurnView:
        return TurnView(entry, name_of=self._name_of, now=self._now, read_only=self._read_only)

    def _place(self, entry: Entry) -> int:
        return next((place for place, other in enumerate(self.entries) if other is entry), len(self.entries))

    def _label(self) -> None:
        earlier, later = self._earlier, self._later
        earlier.display, later.display = self._start > 0, self._end < len(self.entries)
        earlier.label, later.label = f"↑ {self._start:,} earlier", f"↓ {len(self.entries) - self._end:,} later"
