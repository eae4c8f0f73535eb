"""F1: every key, read from the bindings, and where everything lies."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.keys import KeyGroup, key_groups
from tui.slash.table import GROUPS
from tui.wording import place

KEY_WIDTH = 18
USAGE_WIDTH = 26
LEFT = ("Writing", "Conversation")


class HelpScreen(ModalScreen[None]):
    """Any of Esc, F1 and q leaves."""

    CSS_PATH = "help.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        groups = key_groups(self.app.keymap)  # type: ignore[attr-defined]
        with Vertical(id="help"):
            with VerticalScroll(id="help-scroll"):
                yield Static(self._places(), id="help-places")
                with Horizontal(id="help-columns"):
                    yield Static(_table([group for group in groups if group.where in LEFT]), classes="help-keys")
                    yield Static(_table([group for group in groups if group.where not in LEFT]), classes="help-keys")
                yield Static(_commands(), id="help-commands")
            yield Static("Esc closes", id="help-foot")

    def on_mount(self) -> None:
        self.query_one("#help-scroll").focus()

    def _places(self) -> Content:
        settings = self.app.session.settings  # type: ignore[attr-defined]
        facts = (
            ("Memory", place(settings.paths.profile_dir)),
            ("Settings", place(settings.paths.config_file)),
            ("Log", place(settings.paths.log_file)),
        )
        lines = [Content.assemble((f"{name:<10}", "$quiet"), (where, "$foreground")) for name, where in facts]
        return Content("\n").join(lines)


def _commands() -> Content:
    lines = [Content.styled("Commands: type them into the prompt", "bold $primary")]
    for group, commands in GROUPS.items():
        lines += [Content(""), Content.styled(group, "$quiet")]
        lines += [
            Content.assemble((f"{command.usage:<{USAGE_WIDTH}} ", "$secondary"), (command.does, "$foreground"))
            for command in commands
        ]
    return Content("\n").join(lines)


def _table(groups: list[KeyGroup]) -> Content:
    lines: list[Content] = []
    for group in groups:
        lines.append(Content.styled(group.where, "bold $primary"))
        lines += [
            Content.assemble((f"{row.keys:<{KEY_WIDTH}} ", "$secondary"), (row.does, "$foreground"))
            for row in group.rows
        ]
        lines.append(Content(""))
    return Content("\n").join(lines)
