"""All conversations: find one in full text, look into it, resume it, branch off."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.timer import Timer
from textual.widgets import DataTable, Input, OptionList, Static

from memory_store.errors import MnemeError
from memory_store.records import Conversation
from tui.memories import conversation_queries
from tui.memories.conversation_queries import SCOPES, Scope
from tui.messages import ActFailed, ConversationsRead, PreviewRead
from tui.screens.conversation_acts import ConversationActs
from tui.text.wording import count
from tui.widgets.conversation_table import ConversationTable
from tui.widgets.key_footer import KeyFooter
from tui.widgets.keys_in_order import Line
from tui.widgets.scope_bar import ScopeBar
from tui.widgets.turn_list import TurnList

DEBOUNCE_S = 0.15
EMPTY = {"all": "No conversations. n begins one.", "archived": "None is archived.", "deleted": "None is deleted."}


class ConversationsScreen(ConversationActs):
    """Newest first. Typing searches titles and everything said, Enter resumes; beside it, what was said."""

    CSS_PATH = "conversations.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012  as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-tall")]  # noqa: RUF012  as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", show=False, id="conversations.search"),
        Binding("down", "to_table", "To the list", show=False, id="conversations.list"),
        Binding("tab", "app.focus_next", "Search, list, turns", show=False, id="conversations.next"),
        Binding("ctrl+f", "scope", "All, archived, deleted", show=False, priority=True, id="conversations.scope"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._scope: Scope = "all"
        self._typing: Timer | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="conversations-top"):
            yield Static("Conversations", id="conversations-name")
            yield Line(placeholder="Search titles and words…", id="conversations-search", compact=True)
            yield ScopeBar(SCOPES, id="conversations-scope")
        with Container(id="conversations-body"):
            yield ConversationTable()
            yield TurnList(name_of=self.mneme.name_of)
        yield Static(id="conversations-count", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.table, self.input = self.query_one(ConversationTable), self.query_one(Input)
        self.turns = self.query_one(TurnList)
        self.table.present = self.mneme.session.conversation_id
        self._read()
        self.table.focus()

    # --- the list

    def _read(self) -> None:
        store = self.store
        if store is None:
            self.set_timer(0.2, self._read)
            return
        wanted, scope = self.input.value, self._scope

        def read() -> None:
            try:
                self.post_message(ConversationsRead(conversation_queries.listed(store, wanted, scope)))
            except MnemeError as error:
                self.post_message(ActFailed(str(error)))

        self.run_worker(read, thread=True, group="conversations", exclusive=True, exit_on_error=False)

    def on_conversations_read(self, message: ConversationsRead) -> None:
        message.stop()
        self.table.show(message.conversations)
        shown = len(message.conversations)
        nothing = "Nothing found." if self.input.value.strip() else EMPTY[self._scope]
        self.query_one("#conversations-count", Static).update(count(shown, "conversation") if shown else nothing)
        self._look_into()
        self.refresh_bindings()

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

    # --- what was said in the one under the cursor

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self._look_into()
        self.refresh_bindings()

    def _look_into(self) -> None:
        store, chosen, wanted = self.store, self.table.highlighted, self.input.value
        if store is None or chosen is None:
            self.turns.show(None)
            return

        def read() -> None:
            try:
                self.post_message(PreviewRead(conversation_queries.preview(store, chosen.id, wanted)))
            except MnemeError as error:
                self.post_message(ActFailed(str(error)))

        self.run_worker(read, thread=True, group="preview", exclusive=True, exit_on_error=False)

    def on_preview_read(self, message: PreviewRead) -> None:
        message.stop()
        if self.chosen is not None and self.chosen.id == message.preview.conversation.id:
            self.turns.show(message.preview)

    # --- what the user does

    @property
    def chosen(self) -> Conversation | None:
        return self.table.highlighted if self.is_mounted else None

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.action_resume()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_resume()

    def action_resume(self) -> None:
        chosen = self.chosen
        if chosen is None:
            return
        if chosen.deleted:
            self.notify("It is deleted. r restores it.", timeout=3)
        else:
            self.mneme.resume(chosen.id)

    def action_back(self) -> None:
        if self.input.value and self.focused is self.input:
            self.input.value = ""
        elif self.focused is self.turns:
            self.table.focus()
        else:
            self.dismiss()

    def action_search(self) -> None:
        self.input.focus()

    def action_to_table(self) -> None:
        self.table.focus()

    def on_scope_bar_chosen(self, event: ScopeBar.Chosen) -> None:
        event.stop()
        self._scope = SCOPES[event.place]
        self._read()

    def action_scope(self) -> None:
        self.query_one(ScopeBar).next()
