"""The log, as it is written: newest at the bottom, followed while the cursor is there, filtered by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DataTable, Static

from tui.process.log_reading import LogRecord, at_least, read_log
from tui.text.sanitise import clean, one_line
from tui.text.wording import count, place
from tui.widgets.key_footer import KeyFooter
from tui.widgets.row_table import RowTable
from tui.widgets.scope_bar import ScopeBar
from tui.widgets.scroll import Scroll

if TYPE_CHECKING:
    from tui.app import MnemeApp

LOOK_EVERY_S = 1.0
SCOPES = ("all", "warnings", "errors")
LOWEST = ("DEBUG", "WARNING", "ERROR")
LONGEST = 20_000


@dataclass
class LogRead(Message):
    """The end of the log is back."""

    records: Sequence[LogRecord]
    problem: str = ""


class LogTable(RowTable):
    """A record to a row; of a traceback the message alone."""

    def __init__(self) -> None:
        super().__init__(id="log")
        self.records: Sequence[LogRecord] = ()

    @property
    def highlighted(self) -> LogRecord | None:
        return self.records[self.cursor_row] if 0 <= self.cursor_row < len(self.records) else None

    def show(self, records: Sequence[LogRecord]) -> None:
        """Follow the end, unless the cursor was taken away from it."""
        following = self.cursor_row >= len(self.records) - 1
        self.records = records
        self.draw_anew()
        if following:
            self.move_cursor(row=len(records) - 1)

    def draw(self) -> None:
        wide = self.size.width >= 76
        widths = [19 if wide else 8, 8]
        for name, width in zip(("When", "Level", "What"), (*widths, self.room(*widths)), strict=True):
            self.add_column(Text(name), width=width)
        for record in self.records:
            style = {"WARNING": "bold", "ERROR": "bold", "CRITICAL": "bold reverse"}.get(record.level, "dim")
            self.add_row(
                Text(record.at if wide else record.at[-8:], style="dim"),
                Text(record.level.lower(), style=style),
                Text(one_line(record.text.partition("\n")[0], limit=300), no_wrap=True, overflow="ellipsis"),
            )


class LogScreen(Screen[None]):
    """Below the list, the record under the cursor in full, with its traceback."""

    CSS_PATH = "log.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", key_display="esc", id="log.back"),
        Binding("ctrl+f", "level", "All, warnings, errors", key_display="^f", id="log.level"),
        Binding("y", "copy", "Copy", id="log.copy"),
    ]

    def compose(self) -> ComposeResult:
        with Horizontal(id="log-top"):
            yield Static("Log", id="log-name")
            yield Static(id="log-file", markup=False)
            yield ScopeBar(SCOPES, id="log-level")
        with Container(id="log-body"):
            yield LogTable()
            with Scroll(id="log-detail"):
                yield Static(id="log-text", markup=False)
        yield Static(id="log-count", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.table = self.query_one(LogTable)
        self.table.focus()
        self._read: Sequence[LogRecord] | None = None
        self.file = self._mneme.session.settings.paths.log_file
        self.query_one("#log-file", Static).update(one_line(place(self.file)))
        self.look()
        self.set_interval(LOOK_EVERY_S, self.look)

    @property
    def _mneme(self) -> MnemeApp:
        from tui.app import MnemeApp

        app = self.app
        if not isinstance(app, MnemeApp):
            raise TypeError("this screen belongs to MnemeApp")
        return app

    def look(self) -> None:
        """Read the end of the file again, in a thread."""

        def read() -> None:
            try:
                self.post_message(LogRead(read_log(self.file)))
            except OSError as error:
                self.post_message(LogRead((), f"It cannot be read: {error.strerror}."))

        self.run_worker(read, thread=True, group="log", exclusive=True, exit_on_error=False)

    def on_log_read(self, message: LogRead) -> None:
        message.stop()
        if message.problem:
            self.query_one("#log-count", Static).update(message.problem)
        elif message.records != self._read:
            self._read = message.records
            self._show()

    def _show(self) -> None:
        records = at_least(self._read or (), LOWEST[self.query_one(ScopeBar).place])
        self.table.show(records)
        said = count(len(records), "record") if records else "Nothing was logged."
        self.query_one("#log-count", Static).update(said)
        self._tell()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self._tell()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.query_one("#log-detail").focus()

    def _tell(self) -> None:
        record = self.table.highlighted
        text = "" if record is None else f"{record.at} {record.source}\n{clean(record.text, limit=LONGEST)}"
        self.query_one("#log-text", Static).update(text)

    def on_scope_bar_chosen(self, event: ScopeBar.Chosen) -> None:
        event.stop()
        self._show()

    def action_level(self) -> None:
        self.query_one(ScopeBar).next()

    def action_copy(self) -> None:
        record = self.table.highlighted
        if record is not None:
            self.app.copy_to_clipboard(record.text)
            self.notify("The record is copied.", timeout=2)
