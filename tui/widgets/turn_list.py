"""The turns of a conversation as a list, one to an entry: to read in, and to choose a turn from."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from memory_store.records import Turn
from tui.memories.conversation_queries import Preview
from tui.text.names import NameOf
from tui.text.sanitise import one_line

EXCERPT = 600


class TurnList(OptionList):
    """Shows a preview; ``highlighted_turn`` is where a branch would begin."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False, id="list.down"),
        Binding("k", "cursor_up", "Up", show=False, id="list.up"),
        Binding("g", "first", "Top", show=False, id="list.top"),
        Binding("G", "last", "Bottom", show=False, id="list.bottom"),
    ]

    def __init__(self, *, name_of: NameOf) -> None:
        super().__init__(id="turns")
        self._name_of = name_of
        self.shown: Preview | None = None

    def show(self, preview: Preview | None) -> None:
        other = self.shown is None or preview is None or self.shown.conversation.id != preview.conversation.id
        here = None if other else self.highlighted
        self.shown = preview
        self.clear_options()
        if preview is None:
            return
        self.add_options([Option(self._entry(turn), id=turn.id) for turn in preview.turns])
        place = preview.matching if preview.matching is not None else here
        self.highlighted = len(preview.turns) - 1 if place is None else min(place, len(preview.turns) - 1)

    @property
    def highlighted_turn(self) -> Turn | None:
        """The turn under the cursor; at first the last one, or the first that a search found."""
        if self.shown is None or self.highlighted is None:
            return None
        return self.shown.turns[self.highlighted]

    def _entry(self, turn: Turn) -> Text:
        return Text.assemble(
            (self._name_of(turn.speaker), "bold"), ("  ", ""), (one_line(turn.text, limit=EXCERPT), "")
        )
