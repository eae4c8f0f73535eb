"""The inbox of contradictions: what was said of one thing, when and where, and which of it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import DataTable, Static

from memory_store.errors import MnemeError
from memory_store.records import ConflictChain, ConflictState, Turn
from tui.memories import undo
from tui.memories.acting import ActingScreen
from tui.messages import ActDone, ActFailed, ConflictsFound
from tui.text.sanitise import one_line
from tui.text.wording import CONFLICT_STATES, day
from tui.widgets.conflict_table import ConflictTable
from tui.widgets.key_footer import KeyFooter

EVERY: tuple[ConflictState, ...] = ("open", "newer", "both", "dismissed")
UNDECIDED: tuple[ConflictState, ...] = ("open",)
NONE = "Nothing that is remembered contradicts an earlier memory."
LONGEST = 600
"""Characters of one statement that are shown."""


class ConflictsScreen(ActingScreen):
    """What is decided leaves the list, unless those are shown as well; u takes it back."""

    CSS_PATH = "conflicts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", key_display="esc", id="conflicts.back"),
        Binding("n", "decide('newer')", "Newest holds", id="conflicts.newer"),
        Binding("b", "decide('both')", "All hold", id="conflicts.both"),
        Binding("d", "decide('dismissed')", "Dismiss", id="conflicts.dismiss"),
        Binding("u", "undo", "Undo", id="conflicts.undo"),
        Binding("a", "all", "Decided too", id="conflicts.all"),
        Binding("e", "open_earlier", "Open the earlier", show=False, id="conflicts.earlier"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._states = UNDECIDED
        self._titles: Mapping[str, str] = {}

    def compose(self) -> ComposeResult:
        with Horizontal(id="conflicts-top"):
            yield Static("Contradictions", id="conflicts-name")
            yield Static("reading…", id="conflicts-count", markup=False)
        yield ConflictTable()
        with VerticalScroll(id="conflicts-detail"):
            yield Static(id="conflicts-both", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.table = self.query_one(ConflictTable)
        self.table.focus()
        self._read()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.is_mounted and self.query(ConflictTable):
            self._read()

    def _read(self) -> None:
        store, states = self.store, self._states
        if store is None:
            self.set_timer(0.2, self._read)
            return

        def read() -> None:
            try:
                found = store.conflict_chains(states)
                talks = {turn.conversation_id for one in found for turn, _ in one.statements}
                titles = {talk: store.conversation(talk).title for talk in talks if talk is not None}
                self.post_message(ConflictsFound(found, titles, store.open_conflicts()))
            except MnemeError as error:
                self.post_message(ActFailed(str(error)))

        self.run_worker(read, thread=True, group="conflicts", exclusive=True, exit_on_error=False)

    def on_conflicts_found(self, message: ConflictsFound) -> None:
        message.stop()
        self._titles = message.titles
        self.table.show(message.chains)
        decided = len(message.chains) - message.waiting
        said = f"{message.waiting:,} to decide" + (f" · {decided:,} decided" if decided > 0 else "")
        self.query_one("#conflicts-count", Static).update(said)
        self.mneme.conflicts = message.waiting
        self._describe()

    def on_data_table_row_highlighted(self, message: DataTable.RowHighlighted) -> None:
        message.stop()
        self._describe()

    def on_data_table_row_selected(self, message: DataTable.RowSelected) -> None:
        message.stop()
        self._open(-1)

    def on_act_done(self, message: ActDone) -> None:
        super().on_act_done(message)
        self._read()

    def memory_changed(self, memory: Turn) -> None:
        del memory
        self._read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "undo":
            return self.mneme.undoable
        if action == "decide" and self.is_mounted and self.query(ConflictTable):
            here = self.table.highlighted
            return here is not None and here.state not in parameters
        return True

    def action_decide(self, state: ConflictState) -> None:
        here = self.table.highlighted
        if here is not None:
            self.perform(undo.decide(here, state))

    def action_all(self) -> None:
        """Show those that are decided, or no longer."""
        self._states = UNDECIDED if self._states == EVERY else EVERY
        self._read()

    def action_open_earlier(self) -> None:
        self._open(-2)

    def action_back(self) -> None:
        self.dismiss()

    def _open(self, which: int) -> None:
        """Where one of the statements of the chain under the cursor was said; -1: the last."""
        if self.table.highlighted is None:
            return
        memory, _ = self.table.highlighted.statements[which]
        if memory.conversation_id is None:
            self.mneme.action_memories(memory.id)
        else:
            self.mneme.resume(memory.conversation_id)

    def _describe(self) -> None:
        here = self.table.highlighted
        text = Content(NONE) if here is None else self._told(here)
        self.query_one("#conflicts-both", Static).update(text)
        self.refresh_bindings()

    def _told(self, chain: ConflictChain) -> Content:
        """What holds now first, and what was said before it, back in time."""
        *before, (now, value) = chain.statements
        parts = [self._statement("Now", now, value)]
        parts += [self._statement("Before", memory, words) for memory, words in reversed(before)]
        if chain.state != "open":
            parts.append(Content.styled(f"Decided: {CONFLICT_STATES[chain.state]}", "$quiet"))
        return Content("\n\n").join(parts)

    def _statement(self, when: str, memory: Turn, value: str) -> Content:
        title = "a note" if memory.conversation_id is None else self._titles.get(memory.conversation_id, "")
        if one_line(memory.text).startswith(title.rstrip("…")):
            title = ""  # a conversation without a title is called by its first words: these
        head = Content.assemble(
            (f"{when:<8}", "bold $primary"),
            (f"{day(memory.said_at)}  ", "$quiet"),
            (self.mneme.name_of(memory.speaker), "bold $secondary"),
            (f"  {one_line(title, limit=60)}", "italic $quiet"),
        )
        words = Content(one_line(memory.text, limit=LONGEST))
        shown = one_line(value, limit=LONGEST)
        place = words.plain.find(shown) if shown else -1
        if place >= 0:
            words = words.stylize("bold $warning", place, place + len(shown))
        return Content("\n").join([head, words])
