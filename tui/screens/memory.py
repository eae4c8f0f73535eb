"""Everything that is remembered: search as you type, see why, correct, pin, forget, restore."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.timer import Timer
from textual.widgets import Footer, Input, Static

from memory_store.errors import MnemeError
from memory_store.records import Recollection, Turn
from tui import memory_queries, undo
from tui.acting import ActingScreen
from tui.memory_queries import SCOPES, Found, Scope
from tui.messages import ActFailed, MemoriesFound, MemoryHighlighted, MoreWanted, StoryTold
from tui.sanitise import one_line
from tui.screens.edit_text import EditText
from tui.widgets.memory_detail import MemoryDetail
from tui.widgets.memory_table import MemoryTable
from tui.wording import count

DEBOUNCE_S = 0.18


class MemoryScreen(ActingScreen):
    """Searches and details are read in threads; only the newest answer is shown."""

    CSS_PATH = "memory.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012  as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", key_display="esc"),
        Binding("slash", "search", "Search", key_display="/"),
        Binding("down", "to_table", "To the list", key_display="↓"),
        Binding("e", "edit", "Edit"),
        Binding("p", "pin", "Pin"),
        Binding("f,delete", "forget", "Forget", key_display="f"),
        Binding("r", "restore", "Restore"),
        Binding("u", "undo", "Undo"),
        Binding("o", "open", "Open its conversation", show=False),
        Binding("ctrl+f", "scope", "Filter", key_display="^f", priority=True),
    ]

    def __init__(self, memory: str | None = None) -> None:
        super().__init__()
        self._wanted = memory
        self._scope: Scope = "all"
        self._asked = 0
        self._more = False
        self._hits: dict[str, Recollection] = {}
        self._typing: Timer | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="memory-top"):
            yield Static("Memories", id="memory-name")
            yield Input(placeholder="Search everything that was ever said…", id="search", compact=True)
            yield Static(id="memory-scope")
        with Container(id="memory-body"):
            yield MemoryTable(name_of=self.mneme.name_of)
            yield MemoryDetail(name_of=self.mneme.name_of)
        yield Static(id="memory-count", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.table, self.detail = self.query_one(MemoryTable), self.query_one(MemoryDetail)
        self.input = self.query_one("#search", Input)
        self._show_scope()
        self._find()
        (self.table if self._wanted else self.input).focus()

    # --- searching

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(DEBOUNCE_S, self._find)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.table.focus()

    def _find(self, offset: int = 0) -> None:
        store = self.store
        if store is None:
            self.set_timer(0.2, self._find)
            return
        self._asked += 1
        asked, query, scope = self._asked, self.input.value, self._scope

        def search() -> None:
            try:
                found = memory_queries.find(store, query, scope, offset=offset)
            except MnemeError as error:
                self.post_message(ActFailed(str(error)))
            else:
                self.post_message(MemoriesFound(asked, found, appended=offset > 0))

        if not offset:
            self.query_one("#memory-count", Static).update("searching…" if query.strip() else "reading…")
        self.run_worker(search, thread=True, group="search", exclusive=True, exit_on_error=False)

    def on_memories_found(self, message: MemoriesFound) -> None:
        message.stop()
        if message.asked != self._asked:
            return
        found = message.found
        self._more = found.more
        if message.appended:
            self.table.extend(found.memories)
        else:
            self._hits = {hit.memory.id: hit for hit in found.recollections}
            self.table.show(found.memories, {key: hit.score for key, hit in self._hits.items()})
        self._say_count(found)
        self._go_to_wanted()

    def _say_count(self, found: Found) -> None:
        shown = f"{count(self.table.shown, 'memory', 'memories')}{' and more' if self._more else ''}"
        if found.recollections:
            shown = f"{len(found.recollections)} recalled, best first"
            others = self.table.shown - len(found.recollections)
            shown += f"; {others} more contain it" * bool(others)
        elif not self.table.shown:
            shown = "Nothing here."
        said = f"{shown}  {one_line(found.remark)}".rstrip()
        self.query_one("#memory-count", Static).update(said)

    def _go_to_wanted(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None and not self.table.go_to(wanted):
            self._tell(wanted)

    def on_more_wanted(self, message: MoreWanted) -> None:
        message.stop()
        if self._more and not self.input.value.strip():
            self._more = False
            self._find(self.table.shown)

    # --- one memory

    def on_memory_highlighted(self, message: MemoryHighlighted) -> None:
        message.stop()
        if message.memory is None:
            self.detail.show(None)
        elif self._wanted is None:
            self._tell(message.memory.id)
        self.refresh_bindings()

    def _tell(self, id: str) -> None:
        store = self.store
        if store is None:
            return

        def read() -> None:
            try:
                self.post_message(StoryTold(memory_queries.tell(store, id)))
            except MnemeError as error:
                self.post_message(ActFailed(str(error)))

        self.run_worker(read, thread=True, group="story", exclusive=True, exit_on_error=False)

    def on_story_told(self, message: StoryTold) -> None:
        message.stop()
        best = max((hit.score for hit in self._hits.values()), default=0.0)
        self.detail.show(message.story, self._hits.get(message.story.memory.id), best=best)

    def memory_changed(self, memory: Turn) -> None:
        self.table.replace(memory)
        self._tell(memory.id)
        self.refresh_bindings()

    # --- what the user does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        if action == "undo":
            return self.mneme.undoable
        if action not in ("edit", "pin", "forget", "restore", "open") or not self.is_mounted:
            return True
        memory = self.table.highlighted if self.query(MemoryTable) else None
        if memory is None:
            return False
        return {"restore": memory.forgotten, "forget": not memory.forgotten, "open": not memory.is_note}.get(
            action, True
        )

    def action_back(self) -> None:
        if self.input.value and self.focused is self.input:
            self.input.value = ""
        else:
            self.dismiss()

    def action_search(self) -> None:
        self.input.focus()

    def action_to_table(self) -> None:
        self.table.focus()

    def action_scope(self) -> None:
        self._scope = SCOPES[(SCOPES.index(self._scope) + 1) % len(SCOPES)]
        self._show_scope()
        self._find()

    def action_edit(self) -> None:
        memory = self.table.highlighted
        if memory is None:
            return

        def save(text: str | None) -> None:
            if text is not None:
                self.perform(undo.edit(memory, text))

        self.app.push_screen(EditText("Correct this memory", memory.text), save)

    def action_pin(self) -> None:
        self._act("pin")

    def action_forget(self) -> None:
        self._act("forget")

    def action_restore(self) -> None:
        self._act("restore")

    def action_open(self) -> None:
        memory = self.table.highlighted
        if memory is not None and memory.conversation_id is not None:
            self.mneme.resume(memory.conversation_id)

    def on_data_table_row_selected(self) -> None:
        self.detail.focus()

    def _act(self, act: str) -> None:
        memory = self.table.highlighted
        if memory is not None:
            self.act_on_memory(act, memory)

    def _show_scope(self) -> None:
        names = [f"[bold $primary]{name}[/]" if name == self._scope else f"[$quiet]{name}[/]" for name in SCOPES]
        self.query_one("#memory-scope", Static).update("  ".join(names))
