"""Everything that is remembered: search as you type, filter, sort, and read all that is known of a memory."""

from __future__ import annotations

import logging
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.timer import Timer
from textual.widgets import DataTable, Input, Static

from memory_store.errors import MnemeError
from memory_store.records import Recollection, Turn
from tui.memories import memory_filters, memory_queries
from tui.memories.memory_filters import SCOPES, SORTS, Scope
from tui.memories.memory_queries import Found
from tui.messages import ActFailed, MemoriesFound, MemoryHighlighted, MoreWanted, SelectionChanged, StoryTold
from tui.screens.filter_memories import FilterMemories
from tui.screens.memory_acts import MemoryActs
from tui.text.sanitise import one_line
from tui.text.wording import count
from tui.widgets.key_footer import KeyFooter
from tui.widgets.keys_in_order import Line
from tui.widgets.memory_detail import MemoryDetail
from tui.widgets.memory_table import MemoryTable
from tui.widgets.scope_bar import ScopeBar

log = logging.getLogger("mneme.tui")

DEBOUNCE_S = 0.18


class MemoryScreen(MemoryActs):
    """Searches and details are read in threads; only the newest answer is shown."""

    CSS_PATH = "memory.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (76, "-narrow"), (110, "-wide")]  # noqa: RUF012  as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", show=False, id="memory.search"),
        Binding("down", "to_table", "To the list", show=False, id="memory.list"),
        Binding("ctrl+g", "filter", "Filter", key_display="^g", priority=True, id="memory.filter"),
        Binding("ctrl+f", "scope", "All, pinned, notes…", show=False, priority=True, id="memory.scope"),
        Binding("s", "sort", "Sort", id="memory.sort"),
        Binding("c", "app.conflicts", "Contradictions", show=False, id="memory.conflicts"),
        Binding("i", "within", "Only this conversation", show=False, id="memory.within"),
    ]

    def __init__(self, memory: str | None = None) -> None:
        super().__init__()
        self._wanted = memory
        self._scope: Scope = "all"
        self._asked = 0
        self._more = False
        self._said = ""
        self._hits: dict[str, Recollection] = {}
        self._typing: Timer | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="memory-top"):
            yield Static("Memories", id="memory-name")
            yield Line(placeholder="Search… by:Ana after:2026-05", id="search", compact=True)
            yield ScopeBar(SCOPES, id="memory-scope")
        with Container(id="memory-body"):
            yield MemoryTable(name_of=self.mneme.name_of)
            yield MemoryDetail(name_of=self.mneme.name_of)
        yield Static(id="memory-count", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.table, self.detail = self.query_one(MemoryTable), self.query_one(MemoryDetail)
        self.input = self.query_one("#search", Input)
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
        asked, line, scope = self._asked, self.input.value, self._scope

        def search() -> None:
            try:
                found = memory_queries.find(store, memory_filters.parsed(line, scope), offset=offset)
            except MnemeError as error:
                found = Found((), remark=str(error))
            self.post_message(MemoriesFound(asked, found, appended=offset > 0))

        if not offset:
            self._say("searching…" if memory_filters.words_of(line) else "reading…")
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
        self._say(self._counted(found))
        self._go_to_wanted()

    def _counted(self, found: Found) -> str:
        shown = f"{count(self.table.shown, 'memory', 'memories')}{' and more' if self._more else ''}"
        if found.recollections:
            shown = f"{len(found.recollections)} recalled, {self._order()}"
            others = self.table.shown - len(found.recollections)
            shown += f"; {others} more contain it" * bool(others)
        elif not self.table.shown:
            shown = "" if found.remark else "Nothing here."
        return f"{shown}  {one_line(found.remark)}".strip()

    def _order(self) -> str:
        try:
            return f"{memory_filters.parsed(self.input.value, self._scope).order} first"
        except MnemeError:
            return ""

    def _say(self, said: str) -> None:
        self._said = said
        if self.mneme.conflicts:
            said = f"{said} · {count(self.mneme.conflicts, 'contradiction')} (c)".removeprefix(" · ")
        selected = len(self.table.selected)
        self.query_one("#memory-count", Static).update(f"{selected} selected · {said}" if selected else said)

    def on_selection_changed(self, message: SelectionChanged) -> None:
        message.stop()
        self._say(self._said)
        self.refresh_bindings()

    def _go_to_wanted(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None and not self.table.go_to(wanted):
            self._tell(wanted)

    def on_more_wanted(self, message: MoreWanted) -> None:
        message.stop()
        if self._more:
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
        if self.table.highlighted is not None and self.table.highlighted.id == memory.id:
            self._tell(memory.id)
        self.refresh_bindings()

    def list_anew(self) -> None:
        here = self.table.highlighted
        self._wanted = here.id if here is not None else None
        self._find()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.detail.focus()
        self._learn_from_opening()

    def _learn_from_opening(self) -> None:
        """What was opened from a search is what the search wanted: `mneme learn` learns from it."""
        store, memory, words = self.store, self.table.highlighted, memory_filters.words_of(self.input.value)
        if store is None or memory is None or not words or not self.mneme.session.settings.privacy.keep_searches:
            return

        def keep() -> None:
            try:
                store.opened(words, memory.id)
            except MnemeError as error:
                log.warning("An opened memory was not noted: %s", error)

        self.run_worker(keep, thread=True, group="opened", exit_on_error=False)

    # --- filters and order

    def action_back(self) -> None:
        if self.input.value and self.focused is self.input:
            self.input.value = ""
        elif self.focused is self.detail:
            self.table.focus()
        elif self.table.selected:
            self.table.select_none()
        else:
            self.dismiss()

    def action_search(self) -> None:
        self.input.focus()

    def action_to_table(self) -> None:
        self.table.focus()

    def action_scope(self) -> None:
        self.query_one(ScopeBar).next()

    def on_scope_bar_chosen(self, event: ScopeBar.Chosen) -> None:
        event.stop()
        self._scope = SCOPES[event.place]
        self._find()

    def action_sort(self) -> None:
        """The next order; where no words are looked for, none is best."""
        now = self._order().partition(" ")[0]
        offered = SORTS if memory_filters.words_of(self.input.value) else SORTS[1:]
        following = offered[(offered.index(now) + 1) % len(offered)] if now in offered else offered[0]
        self.input.value = memory_filters.with_value(
            self.input.value, "sort", "" if following == offered[0] else following
        )

    def action_within(self) -> None:
        memory = self.table.highlighted
        if memory is not None and memory.conversation_id is not None:
            self.input.value = memory_filters.with_value(self.input.value, "in", memory.conversation_id)

    def action_filter(self) -> None:
        def take(line: str | None) -> None:
            if line is not None:
                self.input.value = line

        self.app.push_screen(FilterMemories(self.input.value, self.store), take)
