"""Memory made visible: what was recalled for a reply, why, and which of it the model could read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from memory_store.records import Signal, Turn
from tui.talking.recalled import RecalledSet
from tui.text.names import NameOf
from tui.text.sanitise import one_line
from tui.widgets.recollection_card import RecollectionCard

NOTHING_YET = "What comes back from earlier conversations is shown here, with the reasons why."


class RecallPanel(Vertical):
    """A column beside the transcript; on a narrow screen, a drawer below it."""

    def __init__(self, *, name_of: NameOf) -> None:
        super().__init__(id="recall")
        self._name_of = name_of
        self.shown: RecalledSet | None = None

    def compose(self) -> ComposeResult:
        yield Static("Recalled", id="recall-title")
        with VerticalScroll(id="recall-cards", can_focus=False):
            yield Static(NOTHING_YET, classes="recall-empty", markup=False)

    async def show(self, recalled: RecalledSet | None) -> None:
        """Show what was recalled for one reply; None for no reply at all."""
        if recalled is self.shown and recalled is not None:
            return
        self.shown = recalled
        self.query_one("#recall-title", Static).update(_title(recalled))
        cards = self.query_one("#recall-cards", VerticalScroll)
        async with self.batch():
            await cards.remove_children()
            await cards.mount_all(self._contents(recalled))
        cards.scroll_home(animate=False)

    def _contents(self, recalled: RecalledSet | None) -> list[Static]:
        if recalled is None or not recalled.rows:
            said = NOTHING_YET if recalled is None else "Nothing came back for this."
            return [Static(said, classes="recall-empty", markup=False)]
        cards = (RecollectionCard(row, best=recalled.best, name_of=self._name_of) for row in recalled.rows)
        return [*_remarks(recalled), *cards]

    def changed(self, memory: Turn) -> None:
        """A memory was pinned, forgotten, edited: its card shows it."""
        for card in self.query(RecollectionCard):
            if card.row.memory is not None and card.row.memory.id == memory.id:
                card.show(memory)

    def beside(self, titles: Mapping[str, str], signals: Mapping[str, Signal]) -> None:
        """Conversation -> title, memory -> what the user thinks of it here."""
        for card in self.query(RecollectionCard):
            memory = card.row.memory
            if memory is not None:
                card.beside(titles.get(memory.conversation_id or "", ""), signals.get(memory.id))

    def shown_memories(self) -> list[Turn]:
        """The memories on the cards, as they are now."""
        return [card.row.memory for card in self.query(RecollectionCard) if card.row.memory is not None]


def _title(recalled: RecalledSet | None) -> Content:
    if recalled is None or not recalled.rows:
        return Content.styled("Recalled", "bold $primary")
    return Content.assemble(
        (f"Recalled {len(recalled.rows)}", "bold $primary"),
        (f"  ● {recalled.in_prompt} in the prompt", "$quiet"),
    )


def _remarks(recalled: RecalledSet) -> Iterator[Static]:
    if recalled.found is False:
        yield Static("Weak evidence: there may be nothing on this.", classes="recall-remark", markup=False)
    for remark in recalled.remarks:
        yield Static(one_line(remark), classes="recall-remark", markup=False)
