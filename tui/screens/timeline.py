"""When things were said, how strong what is remembered still is, what a prune would take, and how full the store is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import DataTable, Static

from memory_store.errors import MnemeError
from memory_store.records import StoreStats, Turn
from tui.memories import timeline, undo
from tui.memories.acting import ActingScreen
from tui.memories.timeline import UNITS, Timeline, Unit
from tui.messages import ActFailed
from tui.screens.confirm import Confirm
from tui.text.sanitise import one_line
from tui.text.show import size
from tui.text.wording import count, day
from tui.widgets.column_plot import ColumnPlot
from tui.widgets.key_footer import KeyFooter
from tui.widgets.prune_table import PruneTable
from tui.widgets.scope_bar import ScopeBar
from tui.widgets.scroll import Scroll

HEIGHT = 9


@dataclass
class TimelineRead(Message):
    """The figures are back."""

    found: Timeline


class TimelineScreen(ActingScreen):
    """Figures are read in a thread, when the screen opens, when something was changed, and when asked for."""

    CSS_PATH = "timeline.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", key_display="esc", id="timeline.back"),
        Binding("ctrl+f", "unit", "Day, week, month", key_display="^f", id="timeline.unit"),
        Binding("p", "prune", "Prune", id="timeline.prune"),
        Binding("r", "read", "Read anew", id="timeline.read"),
        Binding("u", "undo", "Undo", id="timeline.undo"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._unit: Unit | None = None
        self._found: Timeline | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="timeline-top"):
            yield Static("Timeline", id="timeline-name")
            yield ScopeBar(("fitting", *UNITS), id="timeline-unit")
        with Scroll(id="timeline-body"):
            yield ColumnPlot(height=HEIGHT, id="turns-plot")
            yield ColumnPlot(height=HEIGHT, id="strength-plot")
            with Container(id="timeline-foot"):
                with Vertical(id="prune-side"):
                    yield Static("What a prune would take", classes="timeline-title")
                    yield PruneTable()
                yield Static("reading…", id="store-facts")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one(Scroll).focus()
        self.action_read()

    def action_read(self) -> None:
        store = self.store
        if store is None:
            self.set_timer(0.2, self.action_read)
            return

        def read() -> None:
            try:
                self.post_message(TimelineRead(timeline.read(store)))
            except MnemeError as error:
                self.post_message(ActFailed(str(error)))

        self.run_worker(read, thread=True, group="timeline", exclusive=True, exit_on_error=False)

    def on_timeline_read(self, message: TimelineRead) -> None:
        message.stop()
        self._found = message.found
        self._show()

    def memory_changed(self, memory: Turn) -> None:
        del memory
        self.action_read()

    def conversations_changed(self) -> None:
        self.action_read()

    # --- what is shown

    def _show(self) -> None:
        found = self._found
        if found is None:
            return
        self.query_one("#turns-plot", ColumnPlot).show(self._turns)
        self.query_one("#strength-plot", ColumnPlot).show(self._strengths)
        self.query_one(PruneTable).show(found.prune, sum(found.strengths))
        self.query_one("#store-facts", Static).update(_facts(found))

    def _turns(self, columns: int) -> tuple[str, Sequence[int], Sequence[str]]:
        days = self._found.days if self._found is not None else ()
        unit = self._unit or timeline.fitting(days, columns)
        spans, earlier = timeline.last(timeline.gathered(days, unit), columns)
        title = f"Turns per {unit}" + (f", the last {len(spans)}; {earlier:,} turns before" if earlier else "")
        return title, [span.turns for span in spans], [timeline.label(span.begins, unit) for span in spans]

    def _strengths(self, columns: int) -> tuple[str, Sequence[int], Sequence[str]]:
        del columns
        heights = self._found.strengths if self._found is not None else ()
        return "Strength of what is neither pinned nor forgotten", heights, timeline.STRENGTHS

    def on_scope_bar_chosen(self, event: ScopeBar.Chosen) -> None:
        event.stop()
        self._unit = UNITS[event.place - 1] if event.place else None
        self._show()

    def action_unit(self) -> None:
        self.query_one(ScopeBar).next()

    # --- pruning

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        return self.mneme.undoable if action == "undo" else True

    def action_prune(self) -> None:
        """To the thresholds; Enter takes one."""
        self.query_one(PruneTable).focus()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        chosen = self.query_one(PruneTable).highlighted
        if chosen is None or not chosen[1]:
            self.notify("There is nothing that weak.", timeout=3)
            return
        weaker, taken = chosen

        def go_on(sure: bool | None) -> None:
            if sure:
                self.perform(undo.prune(weaker))

        detail = "They are hidden and never recalled; pinned ones stay. u takes it back."
        question = f"Forget {count(taken, 'memory', 'memories')} weaker than {weaker:g}?"
        self.app.push_screen(Confirm(question, detail, yes="Forget"), go_on)


def _facts(found: Timeline) -> Content:
    stats, index = found.stats, found.index
    state = one_line(index.problem) or (f"{index.queued:,} to go" if index.queued else "up to date")
    facts = [
        ("memories", f"{stats.memories:,}, {stats.notes:,} of them notes"),
        ("pinned", f"{stats.pinned:,}"),
        ("forgotten", f"{stats.forgotten:,}"),
        ("conversations", f"{stats.conversations:,}"),
        ("said", _said(stats)),
        ("words", f"{size(stats.database_bytes)} on disk"),
        ("index", f"{size(stats.index_bytes)}, {stats.vectors:,} vectors, {state}"),
        ("searched", "exactly" if stats.search == "exact" else "in Chroma"),
        ("embedder", one_line(stats.embedder, limit=60)),
    ]
    lines = [Content.assemble((f"{name:<14}", "$quiet"), (value, "$foreground")) for name, value in facts]
    return Content("\n").join([Content.styled("The store", "bold $primary"), *lines])


def _said(stats: StoreStats) -> str:
    first, last = stats.first_said_at, stats.last_said_at
    return f"{day(first)} to {day(last)}" if first is not None and last is not None else "nothing yet"
