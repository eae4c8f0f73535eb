"""The half of the chat screen that makes memory visible: what was recalled for a reply, and what is done with it."""

from __future__ import annotations

from functools import partial

from memory_store.errors import MnemeError
from memory_store.records import Turn
from tui.memories.acting import ActingScreen
from tui.messages import ActFailed, EntrySelected, LedgerRead, MemoryAct, MemoryWanted, SideRead
from tui.slash.acts import judge
from tui.slash.references import Shown
from tui.talking.entries import Entry, from_turn
from tui.talking.recalled import from_ledger
from tui.text.sanitise import one_line
from tui.widgets.recall_panel import RecallPanel
from tui.widgets.recollection_card import RecollectionCard
from tui.widgets.transcript import Transcript


class RecallingScreen(ActingScreen):
    """The panel shows what belongs to one entry of the transcript, ``explained``."""

    transcript: Transcript
    panel: RecallPanel
    explained: Entry | None = None

    async def explain(self, entry: Entry | None) -> None:
        """Show what was recalled for a reply; None for no reply at all."""
        self.explained = entry
        await self.panel.show(entry.recalled if entry else None)
        self._read_side()

    def open_panel(self) -> None:
        if self.has_class("-narrow"):
            self.add_class("-panel-open")
        self.remove_class("-panel-shut")

    def explain_last(self) -> None:
        """Go to what was recalled for the last reply."""
        self.open_panel()
        last = next((entry for entry in reversed(self.transcript.entries) if entry.is_reply), None)
        if last is not None and last is not self.explained:
            self.read_ledger(last)
        self.call_after_refresh(self._focus_first_card)

    def _focus_first_card(self) -> None:
        first = next(iter(self.query(RecollectionCard)), None)
        if first is not None:
            first.focus()

    def explain_turn(self, turn: Turn) -> None:
        self.open_panel()
        self.read_ledger(from_turn(turn))

    def on_entry_selected(self, message: EntrySelected) -> None:
        message.stop()
        self.open_panel()
        self.read_ledger(message.entry)

    def read_ledger(self, entry: Entry) -> None:
        """Show what was recalled for a reply, reading it first where it is not known."""
        store = self.store
        if entry.recalled is not None or entry.turn is None or store is None:
            self.call_later(self.explain, entry)
            return
        turn = entry.turn

        def read() -> None:
            try:
                self.post_message(LedgerRead(entry, store.recalled_for(turn.id)))
            except MnemeError as error:
                self.log.warning(str(error))

        self.run_worker(read, thread=True, group="ledger", exclusive=True, exit_on_error=False)

    async def on_ledger_read(self, message: LedgerRead) -> None:
        message.stop()
        message.entry.recalled = from_ledger(message.ledger)
        view = self.transcript.view(message.entry)
        if view is not None:
            view.refresh_foot()
        await self.explain(message.entry)

    # --- titles of conversations, and what the user thinks of a memory here

    def _read_side(self) -> None:
        entry, store, recalled = self.explained, self.store, self.panel.shown
        if entry is None or recalled is None or store is None:
            return
        memories = [row.memory for row in recalled.rows if row.memory is not None]
        talks = {memory.conversation_id for memory in memories if memory.conversation_id is not None}
        reply = entry.turn.id if entry.turn is not None else None

        def read() -> None:
            try:
                titles = {talk: store.conversation(talk).title for talk in talks}
                given = store.feedback_given(reply) if reply is not None else []
            except MnemeError as error:
                self.log.warning(str(error))
                return
            self.post_message(SideRead(entry, titles, {one.memory_id: one.signal for one in given}))

        self.run_worker(read, thread=True, group="side", exclusive=True, exit_on_error=False)

    def on_side_read(self, message: SideRead) -> None:
        message.stop()
        if message.entry is self.explained:
            self.panel.beside(message.titles, message.signals)

    # --- acts

    def shown(self) -> Shown:
        """What commands may refer to by number, or as ``this``."""
        entry, recalled = self.explained, self.panel.shown
        words = next((one.turn for one in reversed(self.transcript.entries) if one.turn and not one.is_reply), None)
        if entry is None or recalled is None:
            return Shown(words=words.id if words else None)
        numbers = {number: memory for memory, number in recalled.numbers.items()}
        return Shown(numbers, entry.turn.id if entry.turn else None, words.id if words else None)

    def numbered(self) -> dict[int, Turn]:
        """Number on a card -> the memory."""
        known = {one.id: one for one in self.panel.shown_memories()}
        return {number: known[memory] for number, memory in self.shown().numbers.items() if memory in known}

    def on_memory_act(self, message: MemoryAct) -> None:
        message.stop()
        memory = message.memory
        match message.act:
            case "open":
                self.open_in_conversation(memory)
            case "without":
                self.without(memory)
            case "helpful" | "wrong" as signal:
                shown = self.shown()
                self.perform(lambda store: judge(store, memory.id, shown, signal))
            case act:
                self.act_on_memory(act, memory)

    def open_in_conversation(self, memory: Turn) -> None:
        """Show a memory among everything that was said there; a note, among the memories."""
        if memory.conversation_id is None:
            self.mneme.action_memories(memory.id)
            return
        from tui.screens.reading import ReadingScreen

        self.app.push_screen(ReadingScreen(memory, memory.conversation_id))

    def on_memory_wanted(self, message: MemoryWanted) -> None:
        """A citation leads where its card leads."""
        message.stop()
        store = self.store
        if store is None:
            return

        def read() -> None:
            try:
                self.post_message(MemoryAct("open", store.get(message.id)))
            except MnemeError as error:
                self.post_message(ActFailed(str(error)))

        self.run_worker(read, thread=True, group="story", exit_on_error=False)

    def without(self, memory: Turn) -> None:
        """Have the explained reply made again without a memory, beside the one with it; nothing of it is kept."""
        if not self.is_current:
            return  # asked twice: the first is being shown
        entry = self.explained
        question = self.transcript.question(entry) if entry is not None else None
        if entry is None or question is None or self.mneme.session.busy:
            problem = "A reply is being made. Esc stops it." if self.mneme.session.busy else "There is no reply yet."
            self.notify(problem, severity="warning", timeout=4)
            return
        from tui.screens.comparison import ComparisonScreen

        reply = entry.turn.id if entry.turn is not None else "last"

        def ask() -> int:
            return self.mneme.session.aside(question.text, reply, [memory.id])

        screen = ComparisonScreen(question, entry, memory, ask, name_of=self.mneme.name_of)
        self.app.push_screen(screen, callback=lambda _: None)

    def edit_memory(self, memory: Turn) -> None:
        if self.is_current:
            self.correct(memory, f"What {one_line(self.mneme.name_of(memory.speaker))} said")

    def memory_changed(self, memory: Turn) -> None:
        self.panel.changed(memory)
        self.transcript.changed(memory)
        self.call_later(partial(self._read_side))
