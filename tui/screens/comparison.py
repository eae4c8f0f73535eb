"""A reply with a memory, beside the reply without it. Nothing of the second is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from agent.events import Failed, Finished, Recalled, Token
from memory_store.records import Turn
from tui.talking.entries import AGENT, Entry
from tui.talking.notices import Said
from tui.talking.recalled import from_event
from tui.text.names import NameOf
from tui.text.sanitise import one_line
from tui.text.wording import day
from tui.widgets.key_footer import KeyFooter
from tui.widgets.turn_view import TurnView


class ComparisonScreen(Screen[None]):
    """The left side is what stands in the conversation; the right side is made while you look. Esc leaves."""

    CSS_PATH = "comparison.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (90, "-wide")]  # noqa: RUF012  as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", key_display="esc", id="comparison.back")
    ]

    def __init__(self, question: Entry, reply: Entry, memory: Turn, ask: Callable[[], int], *, name_of: NameOf) -> None:
        """``ask`` has the second reply made, and gives the number of the request; it is called once, when there is a
        place for it to be shown."""
        super().__init__()
        self._ask = ask
        self._question, self._reply, self._memory, self._name_of = question, reply, memory, name_of
        self.request: int | None = None
        self.made = Entry(AGENT, "", state="reading")

    def compose(self) -> ComposeResult:
        memory = self._memory
        yield Static(one_line(self._question.text, limit=300), id="comparison-question", markup=False)
        yield Static(
            Content.assemble(
                ("without  ", "bold $warning"),
                (f"{day(memory.said_at)} {self._name_of(memory.speaker)} ", "$quiet"),
                f"“{one_line(memory.text, limit=160)}”",
            ),
            id="comparison-memory",
        )
        with Container(id="comparison"):
            for side, entry in (("with it", self._reply), ("without it", self.made)):
                with Vertical(classes="side"):
                    yield Static(side, classes="side-name")
                    with VerticalScroll(can_focus=True):
                        yield self._view(entry)
        yield Static("Nothing of this is kept.", id="comparison-foot")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        if self.is_current:
            self.request = self._ask()
            self.app.drain_soon()  # type: ignore[attr-defined]

    def _view(self, entry: Entry) -> TurnView:
        now = self.app.now  # type: ignore[attr-defined]
        return TurnView(entry, name_of=self._name_of, now=now, read_only=True)

    async def happened(self, notice: Said) -> None:
        """Something of the second reply."""
        view = self.query(TurnView).last()
        match notice.event:
            case Recalled() as event:
                self.made.recalled = from_event(event)
                view.refresh_foot()
            case Token(text):
                self.made.state = "writing"
                self.made.text += text
                await view.write(text)
            case Finished(reason=reason):
                self.made.state = "partial" if reason == "cancelled" else "settled"
                await view.settle()
                self._same()
            case Failed(message=message):
                self.made.state, self.made.remark = "failed", one_line(message)
                await view.settle()

    def _same(self) -> None:
        if self.made.text.strip() == self._reply.text.strip():
            said = "The same reply, word for word: this memory made no difference. Nothing of this is kept."
            self.query_one("#comparison-foot", Static).update(said)

    def action_leave(self) -> None:
        if self.request is not None:
            self.app.session.cancel(self.request)  # type: ignore[attr-defined]
        self.dismiss()
