"""A memory in its conversation: everything that was said around it, to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from memory_store.attachments import is_of_a_file, original
from memory_store.errors import InvalidInput, MnemeError
from memory_store.records import Turn
from tui.memories.acting import ActingScreen
from tui.messages import ActFailed, ConversationRead
from tui.process.opener import open_file
from tui.talking.entries import from_turn
from tui.text.sanitise import one_line
from tui.widgets.key_footer import KeyFooter
from tui.widgets.transcript import Transcript
from tui.widgets.turn_view import TurnView

if TYPE_CHECKING:
    from memory_store import MemoryStore


class ReadingScreen(ActingScreen):
    """Opens at the memory, which has the focus."""

    CSS_PATH = "reading.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", key_display="esc", id="reading.back"),
        Binding("m", "memory", "Its history and uses", id="reading.memory"),
        Binding("g", "resume", "Go on from here", id="reading.resume"),
        Binding("o", "original", "Open the file", id="reading.original"),
    ]

    def __init__(self, memory: Turn, conversation: str) -> None:
        super().__init__()
        self._memory, self._conversation = memory, conversation
        self._of_a_file = is_of_a_file(memory)

    def compose(self) -> ComposeResult:
        yield Static(id="reading-title", markup=False)
        yield Transcript(name_of=self.mneme.name_of, now=self.mneme.now, read_only=True)
        yield KeyFooter()

    def on_mount(self) -> None:
        store = self.store
        if store is not None:
            self.run_worker(lambda: self._read(store), thread=True, group="reading", exit_on_error=False)

    def _read(self, store: MemoryStore) -> None:
        try:
            conversation = store.conversation(self._conversation)
            turns = store.memories(conversation=conversation.id, forgotten=None, newest_first=False)
        except MnemeError as error:
            self.post_message(ActFailed(str(error)))
            return
        kept = [turn for turn in turns if not turn.forgotten or turn.id == self._memory.id]
        kept.sort(key=lambda turn: turn.position)
        self.post_message(ConversationRead(conversation, kept, store.citations(conversation.id)))

    async def on_conversation_read(self, message: ConversationRead) -> None:
        message.stop()
        self.query_one("#reading-title", Static).update(one_line(message.conversation.title, limit=200))
        entries = [from_turn(turn, message.citations.get(turn.id)) for turn in message.turns]
        at = next((n for n, turn in enumerate(message.turns) if turn.id == self._memory.id), None)
        await self.query_one(Transcript).open(entries, at=at)

    def action_leave(self) -> None:
        self.dismiss()

    def action_memory(self) -> None:
        """What is known of the turn that has the focus."""
        view = self.focused
        entry = view.entry if isinstance(view, TurnView) else None
        self.mneme.action_memories(entry.turn.id if entry is not None and entry.turn is not None else self._memory.id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        return {"original": self._of_a_file, "resume": not self._of_a_file}.get(action, True)

    def action_original(self) -> None:
        """Open the file that this is made of, in the system's own program for it."""
        store = self.store
        if store is not None:
            self.run_worker(lambda: self._open_original(store), thread=True, group="opening", exit_on_error=False)

    def _open_original(self, store: MemoryStore) -> None:
        try:
            path = original(store, self._memory)
            if path is None:
                raise InvalidInput("It is not known where this file lay.")
            open_file(path)
        except MnemeError as error:
            self.post_message(ActFailed(str(error)))

    def action_resume(self) -> None:
        self.mneme.resume(self._conversation)
