"""All conversations: find one, resume it, rename it, delete it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Footer, Input, Static

from memory_store.errors import MnemeError
from memory_store.records import Conversation
from tui import undo
from tui.acting import ActingScreen
from tui.messages import ActFailed, ConversationsRead
from tui.sanitise import one_line
from tui.screens.ask_line import AskLine
from tui.screens.confirm import Confirm
from tui.widgets.conversation_table import ConversationTable
from tui.wording import count

DEBOUNCE_S = 0.15


class ConversationsScreen(ActingScreen):
    """Newest first. Typing filters by title, Enter resumes."""

    CSS_PATH = "conversations.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", key_display="esc"),
        Binding("n", "new", "New"),
        Binding("slash", "search", "Search", key_display="/"),
        Binding("r", "rename", "Rename"),
        Binding("d,delete", "delete", "Delete", key_display="d"),
        Binding("u", "undo", "Undo"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._typing: Timer | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="conversations-top"):
            yield Static("Conversations", id="conversations-name")
            yield Input(placeholder="Search…", id="conversations-search", compact=True)
        yield ConversationTable()
        yield Static(id="conversations-count", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.table, self.input = self.query_one(ConversationTable), self.query_one(Input)
        self.table.present = self.mneme.session.conversation_id
        self._read()
        self.table.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        return self.mneme.undoable if action == "undo" else True

    def _read(self) -> None:
        store = self.store
        if store is None:
            self.set_timer(0.2, self._read)
            return
        wanted = self.input.value.strip() or None

        def read() -> None:
            try:
                self.post_message(ConversationsRead(store.conversations(matching=wanted)))
            except MnemeError as error:
                self.post_message(ActFailed(str(error)))

        self.run_worker(read, thread=True, group="conversations", exclusive=True, exit_on_error=False)

    def on_conversations_read(self, message: ConversationsRead) -> None:
        message.stop()
        self.table.show(message.conversations)
        shown = len(message.conversations)
        self.query_one("#conversations-count", Static).update(
            count(shown, "conversation") if shown else "No conversations. n begins one."
        )

    def conversations_changed(self) -> None:
        self._read()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(DEBOUNCE_S, self._read)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.table.focus()

    def on_data_table_row_selected(self) -> None:
        self.action_resume()

    def action_back(self) -> None:
        if self.input.value and self.focused is self.input:
            self.input.value = ""
        else:
            self.dismiss()

    def action_resume(self) -> None:
        chosen = self.table.highlighted
        if chosen is not None:
            self.mneme.resume(chosen.id)

    def action_new(self) -> None:
        self.mneme.resume(None)

    def action_search(self) -> None:
        self.input.focus()

    def action_rename(self) -> None:
        chosen = self.table.highlighted
        if chosen is None:
            return

        def keep(title: str | None) -> None:
            if title is not None:
                self.perform(undo.rename(chosen, title))

        self.app.push_screen(AskLine("Rename this conversation", chosen.title), keep)

    def action_delete(self) -> None:
        chosen = self.table.highlighted
        if chosen is None:
            return

        def go_on(sure: bool | None) -> None:
            if sure:
                self._delete(chosen)

        detail = f"Its {count(chosen.turns, 'turn')} will be forgotten: hidden and not recalled. u takes it back."
        question = f"Delete “{one_line(chosen.title, limit=60)}”?"
        self.app.push_screen(Confirm(question, detail, yes="Delete"), go_on)

    def _delete(self, conversation: Conversation) -> None:
        self.perform(undo.delete(conversation))
        if conversation.id == self.mneme.session.conversation_id:
            self.mneme.session.open_conversation(None)
