"""One recalled memory: when, who, how strongly, why, and its words."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from memory_store.records import Signal, Turn
from tui.messages import MemoryAct
from tui.talking.recalled import RecalledRow
from tui.text.names import NameOf
from tui.text.sanitise import one_line
from tui.text.wording import day
from tui.widgets.reason_bar import bar, legend

QUOTED = 160
"""Characters of a memory that the card shows; Enter opens all of it."""


class RecollectionCard(Static, can_focus=True):
    """Focusable: Enter opens the memory, and it can be pinned or forgotten in place."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "act('open')", "Open", id="recalled.open"),
        Binding("p", "act('pin')", "Pin", id="recalled.pin"),
        Binding("f,delete", "act('forget')", "Forget", key_display="f", id="recalled.forget"),
        Binding("plus,h", "act('helpful')", "Helpful", key_display="+", id="recalled.helpful"),
        Binding("minus,w", "act('wrong')", "Wrong", key_display="-", id="recalled.wrong"),
        Binding("a", "act('without')", "Answer without it", id="recalled.without"),
        Binding("down,j", "next", "Next memory", show=False, id="recalled.next"),
        Binding("up,k", "previous", "Previous memory", show=False, id="recalled.previous"),
    ]

    def __init__(self, row: RecalledRow, *, best: float, name_of: NameOf) -> None:
        super().__init__(classes="card")
        self.row, self._best, self._name_of = row, best, name_of
        self._title = ""
        self.set_class(not row.in_prompt, "-left-out")

    def render(self) -> Content:
        return self._content(self.size.width)

    def _content(self, width: int) -> Content:
        return Content("\n").join(self._lines(max(16, width)))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Of the lines as they will be at that width: they are measured before the card has it."""
        del container, viewport
        return self._content(width).get_height(self.styles.get_rules(), width)

    def _lines(self, width: int) -> list[Content]:
        row = self.row
        if row.memory is None:
            return [Content.styled("erased since", "italic $quiet"), bar(row.reasons, best=self._best, width=width)]
        if row.memory.forgotten:
            words = Content.styled("its words are hidden until it is restored", "italic $quiet")
        else:
            words = Content.styled(f"“{one_line(row.memory.text, limit=QUOTED)}”", "$foreground")
        lines = [
            *self._head(row.memory, width),
            words,
            bar(row.reasons, best=self._best, width=width),
            legend(row.reasons, width=width),
        ]
        from memory_store.attachments import page_of  # brings the rules of queries along

        page = page_of(row.memory)
        where = "a note" if row.memory.is_note else f"{self._title}{'' if page is None else f', page {page}'}"
        signal = {"helpful": ("✓ helpful  ", "$success"), "wrong": ("✗ wrong  ", "$error"), None: ("", "")}[row.signal]
        if where or row.signal:
            lines.append(Content.assemble(signal, (where, "italic $quiet")).truncate(width, ellipsis=True))
        return lines

    def _head(self, memory: Turn, width: int) -> list[Content]:
        """A line, or two where what has become of the memory finds no room in it."""
        row = self.row
        left = Content.assemble(
            (f"[{row.number}] " if row.number is not None else "", "bold $primary" if row.cited else "$quiet"),
            (f"{day(memory.said_at)} ", "$quiet"),
            (self._name_of(memory.speaker), "bold $secondary"),
        )
        state = Content.assemble(
            (" pinned" if memory.pinned else "", "$warning"),
            (" forgotten" if memory.forgotten else "", "$error"),
            (f" until {day(row.until)}" if row.until else "", "$warning"),
        )
        right = Content.assemble((f"{row.score:.2f} ", "bold"), _place_mark(row))
        room = width - left.cell_length - right.cell_length
        if state.cell_length < room:
            return [Content.assemble(left, state, " " * (room - state.cell_length), right)]
        head = Content.assemble(left, " " * max(1, room), right)
        return [head, state[1:]] if state else [head]

    def action_act(self, act: str) -> None:
        if self.row.memory is not None:
            self.post_message(MemoryAct(act, self.row.memory))  # type: ignore[arg-type]

    def action_next(self) -> None:
        self.screen.focus_next(RecollectionCard)

    def action_previous(self) -> None:
        self.screen.focus_previous(RecollectionCard)

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2:
            self.action_act("open")

    def beside(self, title: str, signal: Signal | None) -> None:
        """Which conversation it is from, and what the user thinks of it here."""
        self._title = one_line(title, limit=80)
        self.row = replace(self.row, signal=signal)
        self.refresh(layout=True)

    def show(self, memory: Turn) -> None:
        """The memory was changed: show it as it is now."""
        self.row = replace(self.row, memory=memory)
        self.refresh(layout=True)


def _place_mark(row: RecalledRow) -> tuple[str, str]:
    return ("●", "$success") if row.in_prompt else ("○", "$quiet")
