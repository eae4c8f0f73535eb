"""Commands about memory."""

from __future__ import annotations

from collections.abc import Callable

from memory_store.errors import InvalidInput
from memory_store.records import Turn
from tui.memories import undo
from tui.obeying.base import Obeyed, Obeying
from tui.slash import acts, attaching
from tui.slash.references import Shown, meant


class MemoryCommands(Obeying):
    """The second group of the table."""

    def about_memory(self) -> Obeyed:
        return {
            **{name: self._changing(make) for name, make in acts.MAKING.items() if name not in ("edit", "attach")},
            "attach": self._attach,
            "search": self._search,
            "why": self._why,
            "edit": self._edit,
            "without": self._without,
            "undo": self._undo,
            "conflicts": self._conflicts,
            "timeline": lambda _: self._screen.mneme.action_timeline(),
        }

    def _attach(self, rest: str) -> None:
        if not self._session.privacy.remember:
            raise InvalidInput(attaching.INCOGNITO)
        self._tell(f"Reading {attaching.named(rest)[0].name}…")
        self._changing(attaching.attach)(rest)

    def _edit(self, rest: str) -> None:
        which, _, words = rest.partition(" ")
        if words.strip():
            self._changing(acts.edit)(rest)
            return
        self._with_memory(which, self._screen.edit_memory)

    def _without(self, rest: str) -> None:
        self._with_memory(rest, self._screen.without)

    def _with_memory(self, which: str, then: Callable[[Turn], object]) -> None:
        shown: Shown = self._screen.shown()
        self._read(lambda store: meant(store, which, shown), then)

    def _search(self, words: str) -> None:
        self._screen.mneme.action_memories()
        if words:
            from textual.widgets import Input

            memories = self._screen.mneme.screen
            memories.call_after_refresh(lambda: setattr(memories.query_one("#search", Input), "value", words))

    def _why(self, reply: str) -> None:
        if reply:
            self._read(lambda store: store.get(reply), self._screen.explain_turn)
        else:
            self._screen.explain_last()

    def _undo(self, rest: str) -> None:
        if rest and not (rest.isdecimal() and 0 < int(rest) < 100):
            raise InvalidInput("/undo takes a number: how many changes to take back.")
        many = int(rest or 1)
        self._screen.perform(lambda store: undo.take_back(store, many))

    def _conflicts(self, rest: str) -> None:
        if not rest:
            self._screen.mneme.action_conflicts()
            return
        self._screen.perform(acts.decide(rest))
